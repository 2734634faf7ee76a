"""`Shot`: one video of a report, as a screen shows it."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor


@final
@attrs.frozen(eq=False)
class Shot:
    """A picture or clip with its name, or a map of spread or error.

    Attributes:
        name: what it is, unique among those shown together.
        video: ``c t h w``; of a picture encoded for a screen [0..1], of a map ``1 t h w`` in units of the video.
        note: a few words or a number that stand beside the name.
        map: True for a map.
    """

    name: str
    video: Float[Tensor, "c t h w"]
    note: str = ""
    map: bool = False
