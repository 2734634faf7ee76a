"""`Optimisation`: how the parameters follow the gradient."""

import math
from collections.abc import Iterable
from typing import Literal, final

import attrs
import torch
from torch import nn

positive = attrs.validators.gt(0.0)
share = attrs.validators.and_(attrs.validators.ge(0.0), attrs.validators.lt(1.0))


@final
@attrs.frozen
class Optimisation:
    """AdamW with a warm-up, a decay, clipped gradients and an averaged copy of the parameters.

    - ``rate``: the largest learning rate; ``warmup``: steps of its linear rise from 0; ``decay``: ``constant``
      afterwards, or half a ``cosine`` down to 0 at the last step.
    - ``betas``, ``weight_decay`` (matrices and convolutions only): of AdamW; ``clip``: largest norm of a gradient.
    - ``average``: the share that the averaged copy keeps of itself at every step, at most ``(1 + n) / (10 + n)`` at
      step ``n``.

    **Source:** Loshchilov and Hutter 2019, algorithm 2 (AdamW).

    ```yaml
    optimisation: {rate: 1e-3, warmup: 200, decay: cosine, average: 0.999}
    ```
    """

    rate: float = attrs.field(default=1e-3, validator=positive)
    warmup: int = attrs.field(default=200, validator=attrs.validators.ge(0))
    decay: Literal["constant", "cosine"] = attrs.field(
        default="constant", validator=attrs.validators.in_(("constant", "cosine"))
    )
    betas: tuple[float, float] = attrs.field(
        default=(0.9, 0.99), validator=attrs.validators.deep_iterable(share, attrs.validators.instance_of(tuple))
    )
    weight_decay: float = attrs.field(default=0.01, validator=attrs.validators.ge(0.0))
    clip: float = attrs.field(default=1.0, validator=positive)
    average: float = attrs.field(default=0.999, validator=share)

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of step `step` (from 0) of `steps`."""
        rise = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        if self.decay == "constant":
            return self.rate * rise
        done = max(0, step - self.warmup) / max(1, steps - self.warmup)
        return self.rate * rise * (1 + math.cos(math.pi * min(1.0, done))) / 2

    def kept(self, step: int) -> float:
        """The share that the averaged copy keeps of itself at step `step`."""
        return min(self.average, (1 + step) / (10 + step))

    def optimiser(self, network: nn.Module) -> torch.optim.AdamW:
        """AdamW over the parameters of `network`, in their order."""
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        groups: Iterable[dict[str, object]] = (
            {"params": [p for p in trained if p.ndim >= 2], "weight_decay": self.weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        )
        present = [group for group in groups if group["params"]]
        return torch.optim.AdamW(present, lr=self.rate, betas=self.betas, fused=True)
