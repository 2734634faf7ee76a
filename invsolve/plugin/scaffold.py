"""`scaffold`: write a complete third-party plugin package, ready to install and to test."""

import keyword
import re
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from invsolve.errors import UsageError, WriteError

PREFIX: Final = "invsolve-"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def scaffold(name: str, parent: Path) -> Path:
    """Write the package `invsolve-NAME` into a new folder of that name below `parent`, and return the folder.

    Raises:
        UsageError: if the name will not do.
        WriteError: if the folder exists already or cannot be written.
    """
    short = name.removeprefix(PREFIX)
    _check(name, short)
    folder = parent / f"{PREFIX}{short}"
    words = {
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
            for path, text in _template(files("invsolve.plugin") / "template"):
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
        if item.is_dir():
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
