"""`Embedding`: a text, or a class, as a denoiser wants it."""

from typing import final

import attrs
from torch import Tensor


@final
@attrs.frozen(eq=False, kw_only=True)
class Embedding:
    """The hidden states of one text, or the number of a class.

    Attributes:
        tokens: ``1 l d``, on the CPU in float32; ``1 0 0`` for models that take no text.
        mask: ``1 l``, 1 where a token counts; None for models that take no mask.
        pooled: ``1 d``, one vector for the whole text, for models that take one.
        label: ``1``, the class, for models of classes.
    """

    tokens: Tensor
    mask: Tensor | None = None
    pooled: Tensor | None = None
    label: Tensor | None = None
