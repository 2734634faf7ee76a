"""The command line that goes on where one was interrupted."""

import shlex
import sys
from pathlib import Path


def resuming(command: str, recipe: Path | None, out: Path) -> str:
    """This process's own command line with ``--resume``; one made of `recipe` and `out` where it was another."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    if not words or words[0] != command:
        words = [command, str(recipe), "--out", str(out)]
    return shlex.join(["invsolve", *words, "--resume"])
