"""The kind of component that a type stands for, without importing the types of other kinds."""

import typing
from typing import Any, Final

from invsolve.plugin import base_of
from invsolve.plugin.contract import BASES
from invsolve.plugin.open_kind import OpenKind

_HOMES: Final = {kind: tuple(target.split(":")) for kind, target in BASES.items()}


def kind_of(cls: Any) -> str | None:
    """`"operator"` for `Operator` and everything that derives from it; None for other types."""
    cls = typing.get_origin(cls) or cls
    if not isinstance(cls, type):
        return None
    for base in cls.__mro__:
        for kind, (module, name) in _HOMES.items():
            # the first test spares the import of every abstract class there is
            if base.__name__ == name and base.__module__.startswith(module) and base_of(kind) is base:
                return kind
        opened = vars(base).get("component_kind")
        if isinstance(opened, OpenKind):
            return opened
    return None


def naming_key(kind: str) -> str:
    """The key that names a component of this kind: readers say `read`, everything else `use`."""
    return "read" if kind == "reader" else "use"
