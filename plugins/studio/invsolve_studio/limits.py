"""`Limits`: how much of this machine a visitor may take."""

from typing import final

import attrs

from invsolve.validators import number, whole


@final
@attrs.frozen(kw_only=True)
class Limits:
    """How much of this machine a visitor may take.

    Attributes:
        file_bytes: Size of an uploaded file.
        pixels: Of one picture, or of one frame of a clip.
        frames: Of a clip, as its header counts them.
        recipe_characters: Length of a recipe.
        samples: Drawn in one run.
        seconds: Of wall time for one job.
        memory_bytes: That the process of one job may hold.
        waiting: Jobs that may wait for their turn.
        visitors: Whose files are kept; beyond, those who were away longest lose theirs.
    """

    file_bytes: int = attrs.field(default=200 * 2**20, validator=whole(least=1))
    pixels: int = attrs.field(default=50_000_000, validator=whole(least=1))
    frames: int = attrs.field(default=300, validator=whole(least=1))
    recipe_characters: int = attrs.field(default=20_000, validator=whole(least=1))
    samples: int = attrs.field(default=16, validator=whole(least=1))
    seconds: float = attrs.field(default=1800.0, validator=number(above=0.0))
    memory_bytes: int = attrs.field(default=8 * 2**30, validator=whole(least=1))
    waiting: int = attrs.field(default=8, validator=whole(least=0))
    visitors: int = attrs.field(default=16, validator=whole(least=1))
