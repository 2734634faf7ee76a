"""`BridgeState`: what an interpolation holds between its steps."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor


@final
@attrs.frozen(eq=False)
class BridgeState:
    """The latent of the clip, and the flows across each of its gaps ``g`` [pixels]."""

    z: Tensor
    forward: Float[Tensor, "b g 2 h w"]
    backward: Float[Tensor, "b g 2 h w"]
