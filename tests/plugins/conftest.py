from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from invsolve.plugin import Catalog
from invsolve.testing.pretend import installed


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Path]:
    """A folder that counts as installed: what `pretend` writes into it is found."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with installed(folder):
        yield folder


@pytest.fixture
def catalog_of() -> Callable[..., Catalog]:
    """The catalogue of the named plugins alone, whatever else is installed."""

    def discover(*names: str, strict: bool = False) -> Catalog:
        environ = {"INVSOLVE_PLUGINS": ",".join(names)}
        return Catalog.discover(environ | ({"INVSOLVE_STRICT_PLUGINS": "1"} if strict else {}))

    return discover
