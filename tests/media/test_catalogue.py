from pathlib import Path

import pytest

from invsolve._plugin import COMPONENTS
from invsolve.errors import SpaceError
from invsolve.media import FramesReader, ImageReader, NetCDFReader, NpzReader, VideoReader
from invsolve.plugin import Catalog

OURS = [component for component in COMPONENTS if component.kind in ("reader", "metric")]


@pytest.mark.parametrize("component", OURS, ids=lambda component: component.name)
def test_readers_and_metrics_keep_the_constructor_contract(component):
    Catalog.discover().load(component.kind, f"invsolve:{component.name}")


def test_all_are_there():
    names = {component.name for component in OURS}
    assert names == {
        *("image", "video", "frames", "npz", "netcdf", "sample", "simulate", "clips", "pair"),
        *("psnr", "ssim", "reblur", "coverage", "modes"),
        *("best_direction", "bidirectional", "temporal_psnr", "calibration"),
        *("endpoint_error", "middle_frame", "frame_parts", "lpips"),
    }


@pytest.mark.parametrize("reader", [ImageReader, VideoReader, FramesReader, NpzReader, NetCDFReader])
def test_a_wrong_transfer_is_refused_at_once(reader):
    with pytest.raises(SpaceError, match="transfer must be"):
        reader(path=Path("a"), transfer="rec709")
    assert reader(path=Path("a"), transfer="gamma:2.2").transfer == "gamma:2.2"
