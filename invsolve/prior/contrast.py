"""`Contrast`: the extra outputs of a prior that is guided by a condition."""

from typing import final

import attrs
from torch import Tensor


@final
@attrs.frozen(eq=False)
class Contrast:
    """The guided prediction against the one without the condition.

    Attributes:
        eps: the guided noise estimate minus the one without the condition; ``w (eps_c - eps_u)`` for `cfg`.
        likelihood_point: the clean estimate at which the likelihood's gradient is taken; None: the guided ``z0``.
        start: the latent that kernels step from; None: ``z`` itself. Priors that renoise with another noise estimate
            than that of their clean estimate (CFG++) put ``a z0 + s eps`` here.
    """

    eps: Tensor
    likelihood_point: Tensor | None = None
    start: Tensor | None = None

    def detach(self) -> "Contrast":
        """Without a graph."""
        point = None if self.likelihood_point is None else self.likelihood_point.detach()
        start = None if self.start is None else self.start.detach()
        return Contrast(self.eps.detach(), point, start)
