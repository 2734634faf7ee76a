"""`OpenKind`: a kind of component that a plugin opens to others."""

import re
from typing import Final, Literal, final, get_args

from invsolve.errors import BrokenPlugin

Kind = Literal[
    "operator",
    "prior",
    "sampler",
    "guidance",
    "kernel",
    "noise",
    "schedule",
    "flow",
    "metric",
    "baseline",
    "reader",
    "weights",
    "task",
    "recipe_form",
    "command",
]
"""The core's own kinds."""
KINDS: Final[tuple[str, ...]] = get_args(Kind)

NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TARGET: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@final
class OpenKind(str):
    """The name of a kind that is not the core's, with what the core must know of it.

        # invsolve_diffusers/kinds.py, light like a manifest
        FAMILY = OpenKind("family", "families", "invsolve_diffusers.network.family:Family")

        # the manifest of whoever adds one
        Component(FAMILY, "acme", "invsolve_acme.family:Acme", "The video models of Acme.")

    The abstract class names the kind it stands for, ``component_kind = FAMILY``. From then on components of this kind
    are listed, shown, checked, cited, hashed and written in recipes like all others.

    Attributes:
        name: in snake case, none of the core's.
        plural: the heading above its components.
        base: ``package.module:Class``, the abstract class, a `Part`.

    Raises:
        BrokenPlugin: if one of these will not do.
    """

    __slots__ = ("base", "plural")
    plural: str
    base: str

    def __new__(cls, name: str, plural: str, base: str) -> "OpenKind":
        """A kind of this name."""
        problem = ""
        if not NAME.fullmatch(name):
            problem = "the name must be snake case: lower-case words and digits joined by single underscores."
        elif name in KINDS:
            problem = "the core has a kind of this name; choose another."
        elif not TARGET.fullmatch(base):
            problem = "the base must read 'package.module:Class'."
        if problem:
            raise BrokenPlugin(f"OpenKind({name!r}, {plural!r}, {base!r}): {problem}")
        kind = super().__new__(cls, name)
        kind.plural = plural
        kind.base = base
        return kind

    def __reduce__(self) -> tuple[type["OpenKind"], tuple[str, str, str]]:
        """The recipe of copies and pickles."""
        return OpenKind, (str(self), self.plural, self.base)
