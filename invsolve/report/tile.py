"""`Tile`: one number of a page's first lines."""

from typing import Literal, final

import attrs

Mood = Literal["", "good", "bad"]


@final
@attrs.frozen
class Tile:
    """A number with its name, its unit, a few words on what it means, and whether it is good."""

    name: str
    value: str
    unit: str = ""
    note: str = ""
    mood: Mood = ""
