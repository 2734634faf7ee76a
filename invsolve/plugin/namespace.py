"""`plugin_namespace`: one module in which the classes of all installed plugins are found, by kind."""

from collections.abc import Callable
from functools import cache
from typing import Any

from invsolve.errors import did_you_mean
from invsolve.plugin.catalog import Catalog, Entry


def plugin_namespace(module: str, *kinds: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` for a module that offers the classes of every installed plugin.

    Nothing is imported before a name is asked for, and then only what has this name.

        __getattr__, __dir__ = plugin_namespace(__name__, "operator")

    Asking for a name that none or several offer raises `AttributeError`, as Python expects.

    Args:
        module: the name of the module.
        kinds: of which components.
    """

    @cache
    def offered() -> tuple[Catalog, dict[str, list[Entry]]]:
        catalog, found = Catalog.discover(), dict[str, list[Entry]]()
        for kind in kinds:
            for entry in catalog.of_kind(kind):
                found.setdefault(entry.component.attribute, []).append(entry)
        return catalog, found

    def getattr_(name: str) -> Any:
        if name.startswith("__"):  # Python asks for `__path__` and the like
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        catalog, found = offered()
        entries = found.get(name, [])
        if len(entries) == 1:
            return catalog.load_entry(entries[0])
        if entries:
            places = " and ".join(entry.component.module for entry in entries)
            raise AttributeError(f"several plugins offer {name!r} in {module!r}: import it from {places}.")
        raise AttributeError(f"module {module!r} has no attribute {name!r}.{did_you_mean(name, found)}")

    return getattr_, lambda: sorted(offered()[1])
