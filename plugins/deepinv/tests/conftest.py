"""deepinv for the tests of this plugin, from a folder of its own: beside a CPU build of torch it cannot be installed.

`make bridges` fills the folder. It joins the path only where these tests run alone, so that no other package meets a
torchvision that it did not ask for.
"""

import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

FOLDER = Path(sys.prefix) / "bridges"
OPERATIONS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
LIBRARIES: list[torch.library.Library] = []  # torch forgets operations whose library is collected


def pytest_configure(config: pytest.Config) -> None:
    plugin = Path(__file__).parents[1]
    paths = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    if FOLDER.is_dir() and paths and all(path.is_relative_to(plugin) for path in paths):
        sys.path.append(str(FOLDER))
        load_torchvision()


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
