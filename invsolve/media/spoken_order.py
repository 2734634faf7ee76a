"""`spoken_order`: names in the order in which people count, ``frame2`` before ``frame10``."""

import re


def spoken_order(name: str) -> list[tuple[int, int | str]]:
    """A sorting key: runs of digits are numbers."""
    pieces = re.split(r"(\d+)", name.lower())
    return [(0, int(piece)) if piece.isdigit() else (1, piece) for piece in pieces]
