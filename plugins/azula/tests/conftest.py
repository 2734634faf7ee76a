import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from invsolve_azula.commands.random_network import write_random
from invsolve_azula.families.known import family_named

Tiny = Callable[[str], Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The file of a tiny random network, written once."""
    written: dict[str, Path] = {}

    def file(name: str) -> Path:
        if name not in written:
            family = family_named(name)
            written[name] = write_random(family, family.tiny(), tmp_path_factory.mktemp("tiny") / f"{name}.safetensors")
        return written[name]

    return file


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    """What azula's vdm imports of torchvision, and its networks do not use."""
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["torchvision.transforms"].functional = sys.modules["torchvision.transforms.functional"]
