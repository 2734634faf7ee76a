"""`StillFlow`: nothing moves."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.motion.optical_flow import Flow


@final
@attrs.frozen
class StillFlow(Flow):
    """``f = 0``: frames between two others become a cross-fade, the baseline of every flow.

    Examples:
        ```python
        StillFlow()
        ```

        ```yaml
        sampler: {use: normalised_bidirectional_warp, flow: {use: still}}
        ```
    """

    def between(
        self, first: Float[Tensor, "b c h w"], second: Float[Tensor, "b c h w"]
    ) -> tuple[Float[Tensor, "b 2 h w"], Float[Tensor, "b 2 h w"]]:
        """Zero, twice."""
        del second
        b, _, h, w = first.shape
        zero = first.new_zeros(b, 2, h, w)
        return zero, zero
