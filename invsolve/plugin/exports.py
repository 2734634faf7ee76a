"""`lazy_exports`: a plugin package that offers its classes at the top level and imports none of them until used."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from invsolve.plugin.component import Component


def lazy_exports(
    package: str, components: Iterable[Component], also: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` for the package called `package`.

    Every component's class becomes an attribute of the package, imported at its first use; `also` adds more targets
    (`"package.module:name"`), such as an abstract class the package's components share.

        __getattr__, __dir__ = lazy_exports(__name__, COMPONENTS)
    """
    targets = [component.target for component in components] + list(also)
    home = {name: module for module, _, name in (target.partition(":") for target in targets)}

    def getattr_(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home[name]), name)

    return getattr_, lambda: sorted(home)
