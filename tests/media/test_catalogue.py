import pytest

from invsolve._plugin import COMPONENTS
from invsolve.plugin import Catalog

OURS = [component for component in COMPONENTS if component.kind in ("reader", "metric")]


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_readers_and_metrics_keep_the_constructor_contract(component):
    Catalog.discover().load(component.kind, f"invsolve:{component.name}")


def test_all_are_there():
    names = {component.name for component in OURS}
    assert names == {"image", "video", "frames", "npz", "netcdf", "sample", "simulate", "psnr", "ssim", "reblur"}
