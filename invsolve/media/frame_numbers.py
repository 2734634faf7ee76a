"""`left_out`: the frame that a run of numbered files lacks."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

_NUMBERED: Final = re.compile(r"(.*?)(\d+)(\D*)")


def left_out(files: Sequence[Path]) -> str | None:
    """The name of the first file that a run of numbered ones leaves out; None where the run has no gap, or is none.

    Numbers may go on in steps of any size: 0, 5, 10 leaves nothing out, and 0, 5, 15 leaves out 10.
    """
    found = [_NUMBERED.fullmatch(file.stem) for file in files]
    numbered = [match for match in found if match is not None]
    if len(numbered) < max(3, len(files)) or len({(match[1], match[3]) for match in numbered}) != 1:
        return None
    numbers = [int(match[2]) for match in numbered]
    usual = min(later - sooner for sooner, later in pairwise(numbers))
    if usual < 1:
        return None
    for file, match, (sooner, later) in zip(files, numbered, pairwise(numbers), strict=False):
        if later - sooner != usual:
            return f"{match[1]}{sooner + usual:0{len(match[2])}d}{match[3]}{file.suffix}"
    return None
