"""`scaffold`: write a complete third-party plugin package, ready to install and to test."""

import keyword
import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, final

import attrs

from invsolve.errors import UsageError, WriteError, did_you_mean

PREFIX: Final = "invsolve-"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@final
@attrs.frozen
class Example:
    """The component that a new package begins with: its name, its class, and what it does in one sentence."""

    name: str
    cls: str
    summary: str


EXAMPLES: Final[Mapping[str, Example]] = {
    "operator": Example("vignetting", "Vignetting", "Darker towards the corners."),
    "prior": Example("white", "White", "Independent pixels around grey."),
    "sampler": Example("descent", "Descent", "Plain gradient descent on the misfit."),
    "kernel": Example("restart", "RestartKernel", "Forget the noise, draw it anew."),
    "guidance": Example("landweber", "LandweberGuidance", "A gradient step on the clean estimate."),
    "metric": Example("sharpness", "Sharpness", "Mean size of the horizontal gradient."),
    "reader": Example("ramp", "RampReader", "A clip that grows brighter from left to right."),
}
"""What there is a start for, by kind."""


def scaffold(name: str, parent: Path, kind: str = "operator") -> Path:
    """Write the package `invsolve-NAME` into a new folder of that name below `parent`, and return the folder.

    Args:
        name: what to call it, with or without the prefix.
        parent: the folder to write it into.
        kind: what it begins with, of `EXAMPLES`.

    Raises:
        UsageError: if the name will not do.
        WriteError: if the folder exists already or cannot be written.
    """
    short = name.removeprefix(PREFIX)
    _check(name, short)
    if kind not in EXAMPLES:
        raise UsageError(
            f"there is no start for {kind!r}.{did_you_mean(kind, EXAMPLES)} Kinds: {', '.join(EXAMPLES)}; "
            "docs/extending.md has an example of each other kind."
        )
    example = EXAMPLES[kind]
    folder = parent / f"{PREFIX}{short}"
    words = {
        "THE_KIND": "guidance rule" if kind == "guidance" else kind,
        "THE_WORD": kind,
        "THE_NAME": example.name,
        "THE_CLASS": example.cls,
        "THE_SUMMARY": example.summary,
        "invsolve_acme": f"{PREFIX}{short}".replace("-", "_"),
        "invsolve-acme": f"{PREFIX}{short}",
        "acme": short.replace("-", "_"),
    }
    try:
        if folder.exists():
            raise WriteError(f"{folder} exists already; choose another name or another folder.")
        parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".invsolve-new-", dir=parent) as unfinished:
            package = Path(unfinished) / folder.name
            template = files("invsolve.plugin") / "template"
            for path, text in [*_template(template), *_template(template / "kinds" / kind)]:
                target = package / _replace(path, words)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(_replace(text, words), encoding="utf-8")
            package.rename(folder)
    except OSError as error:
        raise WriteError(f"cannot write {error.filename or folder}: {error.strerror or error}.") from error
    return folder


def _check(name: str, short: str) -> None:
    if not _NAME.fullmatch(short):
        raise UsageError(
            f"a plugin cannot be called {name!r}: use lower-case letters and digits, words joined by single dashes, "
            "beginning with a letter, such as 'rolling-shutter'."
        )
    if keyword.iskeyword(short):
        raise UsageError(f"a plugin cannot be called {name!r}, which is a word of the Python language.")
    package = f"{PREFIX}{short}".replace("-", "_")
    taken = {point.name for point in entry_points(group="invsolve")}
    if find_spec(package) is not None or short.replace("-", "_") in taken:
        raise UsageError(f"a plugin called {name!r} is installed already; choose another name.")


def _template(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    """Every file of the template as (path, text); stored with `.txt` behind the name, so that no tool runs it."""
    found: list[tuple[str, str]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir() and item.name != "kinds":
            found += _template(item, f"{prefix}{item.name}/")
        elif item.name == "gitignore.txt":
            found.append((f"{prefix}.gitignore", item.read_text(encoding="utf-8")))
        elif item.name.endswith(".txt"):
            found.append((prefix + item.name.removesuffix(".txt"), item.read_text(encoding="utf-8")))
    return found


def _replace(text: str, words: dict[str, str]) -> str:
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text
