"""`Component`: one thing a plugin offers, named without importing it."""

from typing import Final, Literal, final, get_args

import attrs

from invsolve.errors import BrokenPlugin, did_you_mean
from invsolve.plugin.open_kind import KINDS, NAME, TARGET, Kind, OpenKind

File = Literal["picture", "clip", "array", "recipe", "run"]
FILES: Final[tuple[File, ...]] = get_args(File)
API: Final = 1  # the newest plugin contract this core speaks
API_FLOOR: Final = 1  # the oldest


@final
@attrs.frozen
class Component:
    """One thing a plugin offers; `target` is imported only when it is used.

    A component that speaks another plugin API than this core is left unchecked here, because the rules it was written
    for are not known; discovery refuses it with a message that says which side to upgrade.

    Attributes:
        kind: one of the core's, ``"operator"``, or the `OpenKind` of another plugin.
        name: as recipes write it, in snake case.
        target: ``package.module:Class``; for a command ``package.module:function``.
        summary: one line for `invsolve plugins list`.
        api: the plugin contract that it is written for.
        takes: of a command, the kinds of file that it may begin with; `invsolve FILE` suggests it then.

    Raises:
        BrokenPlugin: if a field is not what the plugin contract asks for.
    """

    kind: Kind | OpenKind
    name: str
    target: str
    summary: str
    api: int = API
    takes: tuple[File, ...] = ()

    def __attrs_post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise BrokenPlugin(f"Component(kind={self.kind!r}, name={self.name!r}, target={self.target!r}): {problem}")

    def _problem(self) -> str:
        if type(self.api) is not int:
            return f"api must be a whole number, got {self.api!r}."
        if not API_FLOOR <= self.api <= API:
            return ""
        if self.kind not in KINDS and not isinstance(self.kind, OpenKind):
            return f"there is no such kind.{did_you_mean(str(self.kind), KINDS)} Kinds: {', '.join(KINDS)}."
        if not NAME.fullmatch(str(self.name)):
            return "the name must be snake case: lower-case words and digits joined by single underscores."
        if not TARGET.fullmatch(str(self.target)):
            return "the target must read 'package.module:Class'."
        one_line = isinstance(self.summary, str) and self.summary.strip() and "\n" not in self.summary
        return self._misfiled() if one_line else f"the summary must be one line of text, got {self.summary!r}."

    def _misfiled(self) -> str:
        known = all(file in FILES for file in self.takes)
        if known and (self.kind == "command" or not self.takes):
            return ""
        return f"takes names what a command begins with, of {', '.join(FILES)}, got {self.takes!r}."

    @property
    def module(self) -> str:
        """The module that holds the target."""
        return self.target.partition(":")[0]

    @property
    def attribute(self) -> str:
        """The target's name in its module."""
        return self.target.partition(":")[2]
