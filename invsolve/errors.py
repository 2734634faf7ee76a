"""Every error invsolve raises on purpose, and the words it uses to say so.

The two branches tell the command line whose turn it is: `UsageError` is the user's mistake (exit code 2), `RunFailed` a
run that was started properly and did not end well (exit code 1).
"""

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "AmbiguousComponent",
    "BrokenPlugin",
    "CapabilityError",
    "ChoiceNeeded",
    "ComponentError",
    "DiskFull",
    "InvsolveError",
    "MissingExtra",
    "OtherFormat",
    "PluginError",
    "ReadError",
    "RecipeError",
    "RunFailed",
    "SpaceError",
    "UnknownComponent",
    "UsageError",
    "WriteError",
    "article",
    "did_you_mean",
]


class InvsolveError(Exception):
    """An error with a message for the person who ran the program: what was wrong with its value, where, what to do."""


class UsageError(InvsolveError):
    """The request cannot be carried out as it was made: exit code 2."""


class SpaceError(UsageError):
    """A tensor or a `VideoSpace` has the wrong shape, range or transfer; the message names the axis."""


class ComponentError(UsageError):
    """A field of a component has a value it must not have."""


class CapabilityError(UsageError):
    """One part lacks what another part needs of it: a linear operator, a decoder gradient, an exact posterior."""


class MissingExtra(UsageError):
    """An optional package is not installed; the message names the extra that brings it."""


class PluginError(UsageError):
    """Something about the installed plugins stands in the way."""


class UnknownComponent(PluginError):
    """No installed plugin offers a component of that kind and name."""


class AmbiguousComponent(PluginError):
    """Several distributions offer the same name."""


class BrokenPlugin(PluginError):
    """A plugin raised while it was read, breaks the plugin contract, or speaks another plugin API."""


class RecipeError(UsageError):
    """A recipe cannot be used; its message lists every problem found, one `file:line:col: path: message` a line."""


class ReadError(UsageError):
    """An input is missing, cut short, or not what its reader reads."""


class ChoiceNeeded(ReadError):
    """A file can be read in more than one way: `field` of its reader has to say how."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class OtherFormat(ReadError):
    """A file is of another kind than its reader reads: another reader may know it."""


class WriteError(UsageError):
    """The place for the results cannot be written, or holds results already."""


class RunFailed(InvsolveError):
    """A run was started and failed: non-finite values, a time limit, a full disk. Exit code 1.

    `solution` holds what there was when it failed, or `None`.
    """

    def __init__(self, message: str, solution: Any = None) -> None:
        super().__init__(message)
        self.solution = solution


class DiskFull(RunFailed):
    """There is no room for the results."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`" Did you mean 'mask'?"`, to be put behind a sentence; empty if nothing known resembles `word`."""
    lowered = {name.lower(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower(), lowered, n=1)
    return f" Did you mean {lowered[close[0]]!r}?" if close else ""


def article(noun: str) -> str:
    """`"a prior"`, `"an operator"`."""
    return f"{'an' if noun[:1].lower() in set('aeiou') else 'a'} {noun}"
