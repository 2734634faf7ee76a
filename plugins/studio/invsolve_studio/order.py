"""What a process of its own can be asked for: a list of what is installed, a look at a file, a run."""

from pathlib import Path
from typing import Any, TypeAlias, final

import attrs

from invsolve_studio.limits import Limits


@final
@attrs.frozen
class Look:
    """Take a visitor's file.

    Attributes:
        source: Where the web server put it.
        name: What its owner calls it.
        folder: Where it is to lie.
        limits: What is taken.
    """

    source: Path
    name: str
    folder: Path
    limits: Limits


@final
@attrs.frozen
class Solve:
    """Run a visitor's recipe.

    Attributes:
        text: The recipe.
        folder: Where the visitor's file lies, and nothing else.
        out: Where the run is recorded.
        overrides: ``path=value``, as for `invsolve run --set`.
        limits: What is done for a visitor.
        preview: Whether the run stands for another one, which is larger.
    """

    text: str
    folder: Path
    out: Path
    overrides: tuple[str, ...]
    limits: Limits
    preview: bool = False


@final
@attrs.frozen
class Command:
    """Run a command of a plugin on a visitor's file.

    Attributes:
        name: Of the command.
        path: The file.
        options: Its options, but for `out`.
        out: Where the run is recorded.
        limits: What is done for a visitor.
    """

    name: str
    path: Path
    options: dict[str, Any]
    out: Path
    limits: Limits


@final
@attrs.frozen
class Survey:
    """List what is installed: components, recipes, commands."""


Order: TypeAlias = Survey | Look | Solve | Command
