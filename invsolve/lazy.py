"""`lazy_imports`: a package that names what it offers once, and imports it at its first use."""

import ast
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazy_imports(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` for a package that imports what it offers under ``if TYPE_CHECKING:``.

    Type checkers follow those imports; at run time each is made when its name is first asked for.

        __getattr__, __dir__ = lazy_imports(__name__)

    Asking for a name that the package does not import raises `AttributeError`, as Python expects.
    """

    def getattr_(name: str) -> Any:
        modules = offered(package)
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return getattr_, lambda: sorted(offered(package))


@cache
def offered(package: str) -> Mapping[str, str]:
    """The module of each name that the source of `package` imports under ``if TYPE_CHECKING:``."""
    spec = find_spec(package)
    source = spec.loader.get_source(package) if spec and spec.loader else None  # type: ignore[attr-defined]  # files have it
    blocks = (node for node in ast.parse(source or "").body if isinstance(node, ast.If))
    imports = (
        statement
        for block in blocks
        if ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
    )
    return {alias.name: str(statement.module) for statement in imports for alias in statement.names}
