"""`printable`: a text that a terminal can be shown, whoever wrote it."""

import re
from typing import Final

LINES: Final = 20
WIDTH: Final = 2000
# all control characters but tab and end of line, and those that turn the direction of writing
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""`text` with control characters written out, such as ``\x1b``."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def brief(text: str) -> str:
    """`printable`, without what is beyond 20 lines, or 2,000 characters of a line: how much that was stands there."""
    lines = [_cut(line) for line in printable(text).split("\n")]
    more = len(lines) - LINES
    return "\n".join([*lines[:LINES], *([f"... and {more} more lines"] if more > 0 else [])])


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]} ... and {len(line) - WIDTH} more characters"
