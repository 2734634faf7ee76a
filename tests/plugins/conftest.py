from collections.abc import Callable

import pytest

from invsolve.plugin import Catalog


@pytest.fixture
def catalog_of() -> Callable[..., Catalog]:
    """The catalogue of the named plugins alone, whatever else is installed."""

    def discover(*names: str, strict: bool = False) -> Catalog:
        environ = {"INVSOLVE_PLUGINS": ",".join(names)}
        return Catalog.discover(environ | ({"INVSOLVE_STRICT_PLUGINS": "1"} if strict else {}))

    return discover
