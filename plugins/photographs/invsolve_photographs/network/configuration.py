"""`PhotographConfiguration`: the sizes of the network."""

from typing import final

import attrs

from invsolve.validators import whole

count = whole(least=1)


@final
@attrs.frozen(kw_only=True)
class PhotographConfiguration:
    """How wide and how deep the two stages are.

    Attributes:
        widths: channels at 1/4, 1/8 and 1/16 of the picture's size.
        blocks: residual blocks at each.
        sharpener_width: of the second stage, at 1/2 of the picture's size.
        sharpener_blocks: of the second stage, at 1/2 of the picture's size.
    """

    widths: tuple[int, int, int] = attrs.field(default=(64, 128, 192), validator=attrs.validators.deep_iterable(count))
    blocks: tuple[int, int, int] = attrs.field(default=(3, 3, 4), validator=attrs.validators.deep_iterable(count))
    sharpener_width: int = attrs.field(default=64, validator=count)
    sharpener_blocks: int = attrs.field(default=5, validator=count)
