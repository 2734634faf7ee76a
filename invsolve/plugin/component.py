"""`Component`: one thing a plugin offers, named without importing it."""

import re
from typing import Final, Literal, final, get_args

import attrs

from invsolve.errors import BrokenPlugin, did_you_mean

API: Final = 1  # the newest plugin contract this core speaks
API_FLOOR: Final = 1  # the oldest

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
    "command",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@final
@attrs.frozen
class Component:
    """One thing a plugin offers; `target` is imported only when it is used.

    A component that speaks another plugin API than this core is left unchecked here, because the rules it was written
    for are not known; discovery refuses it with a message that says which side to upgrade.

    Raises: `BrokenPlugin` if a field is not what the plugin contract asks for.
    """

    kind: Kind
    name: str
    """As recipes write it: snake case."""
    target: str
    """`package.module:Class`; for a command `package.module:function`."""
    summary: str
    """One line for `invsolve plugins list`."""
    api: int = API

    def __attrs_post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise BrokenPlugin(f"Component(kind={self.kind!r}, name={self.name!r}, target={self.target!r}): {problem}")

    def _problem(self) -> str:
        if type(self.api) is not int:
            return f"api must be a whole number, got {self.api!r}."
        if not API_FLOOR <= self.api <= API:
            return ""
        if self.kind not in KINDS:
            return f"there is no such kind.{did_you_mean(str(self.kind), KINDS)} Kinds: {', '.join(KINDS)}."
        if not _NAME.fullmatch(str(self.name)):
            return "the name must be snake case: lower-case words and digits joined by single underscores."
        if not _TARGET.fullmatch(str(self.target)):
            return "the target must read 'package.module:Class'."
        one_line = isinstance(self.summary, str) and self.summary.strip() and "\n" not in self.summary
        return "" if one_line else f"the summary must be one line of text, got {self.summary!r}."

    @property
    def module(self) -> str:
        """The module that holds the target."""
        return self.target.partition(":")[0]

    @property
    def attribute(self) -> str:
        """The target's name in its module."""
        return self.target.partition(":")[2]
