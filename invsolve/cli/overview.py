"""`overview`: what `invsolve --help` shows, made without the library that reads command lines."""

from collections.abc import Iterable
from typing import Final

BEGIN: Final = """\
Usage: invsolve COMMAND

Recover what a camera could not record, with its uncertainty.

begin with a file of your own:
  invsolve FILE                  what can be done with it
  invsolve deblur PHOTO          the video behind a motion-blurred photograph
  invsolve interpolate CLIP      frames between the frames of a clip

or with a recipe:
  invsolve recipe list           the installed ones
  invsolve run deblur_photo      any of them, or a file of yours
"""
END: Final = """\
`invsolve COMMAND --help` explains a command; --version prints the version.
Every command takes --debug, which shows the traceback of an error.
"""


def overview(commands: Iterable[tuple[str, str]]) -> str:
    """The help of the whole program; `commands` are (name, summary)."""
    rows = sorted(commands)
    width = max((len(name) for name, _ in rows), default=0)
    listed = "\n".join(f"  {name:{width}}  {summary}" for name, summary in rows)
    return f"{BEGIN}\ncommands:\n{listed}\n\n{END}"
