"""deepinv for the tests of this plugin, from a folder of its own: beside a CPU build of torch it cannot be installed.

`make bridges` fills the folder. It joins the path only where these tests run alone, so that no other package meets a
torchvision that it did not ask for.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

FOLDER = Path(sys.prefix) / "bridges"
OPERATIONS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
WITHOUT = ["test_packaging.py"]  # needs no deepinv
collect_ignore: list[str] = []
LIBRARIES: list[torch.library.Library] = []  # torch forgets operations whose library is collected


def pytest_configure(config: pytest.Config) -> None:
    plugin = Path(__file__).parents[1]
    paths = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    if FOLDER.is_dir() and paths and all(path.is_relative_to(plugin) for path in paths):
        sys.path.append(str(FOLDER))
        load_torchvision()
    if find_spec("deepinv") is None:
        here = Path(__file__).parent
        collect_ignore.extend(str(path) for path in here.glob("test_*.py") if path.name not in WITHOUT)


def load_torchvision() -> None:
    try:
        import_module("torchvision")
    except RuntimeError:
        # Its compiled part is for another build of torch. deepinv uses none of that, but importing torchvision asks for
        # the names of two operations in it.
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        LIBRARIES.append(torch.library.Library("torchvision", "DEF"))
        for operation in OPERATIONS:
            LIBRARIES[0].define(operation)
        import_module("torchvision")
