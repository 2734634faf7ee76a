"""`Optimisation`: how the parameters follow the gradient."""

import fnmatch
import math
import re
from collections.abc import Iterable
from typing import Final, Literal, final

import attrs
import torch
from torch import nn

from invsolve.errors import ComponentError
from invsolve.validators import instance, literal, number, whole

Method = Literal["adamw", "muon"]
Decay = Literal["constant", "cosine"]

MATRIX: Final = re.compile(
    r"blocks\..*\.weight"
)  # inside of a transformer's blocks; its first and last layers stay out

positive = number(above=0.0)
share = attrs.validators.and_(number(least=0.0), number(below=1.0))


@final
@attrs.frozen
class Optimisation:
    """AdamW or Muon with a warm-up, a decay, clipped gradients and an averaged copy of the parameters.

    Attributes:
        method: ``adamw``, or ``muon`` for the matrices inside of a transformer's blocks: their momentum is made
            orthogonal, and scaled so that the rates of AdamW fit.
        rate: the largest learning rate.
        warmup: steps of its linear rise from 0.
        decay: ``constant`` afterwards, or half a ``cosine`` down to 0 at the last step.
        betas: of AdamW.
        weight_decay: of AdamW, of matrices and convolutions only.
        clip: largest norm of a gradient.
        trained: patterns of names, such as ``blocks.*.attn_temp.*``; parameters whose name fits none of them stay as
            they are. Empty trains all.
        average: decay of the exponential moving average of the parameters, at most ``(1 + n) / (10 + n)`` at step
            ``n``.

    References:
        Loshchilov and Hutter 2019, algorithm 2 (AdamW); Jordan et al. 2024 (Muon); Liu et al. 2025, eq. 4 (its scale).

    Examples:
        ```yaml
        optimisation: {rate: 1e-3, warmup: 200, decay: cosine, average: 0.999}
        ```
    """

    method: Method = attrs.field(default="adamw", validator=literal(Method))
    rate: float = attrs.field(default=1e-3, validator=positive)
    warmup: int = attrs.field(default=200, validator=whole(least=0))
    decay: Decay = attrs.field(default="constant", validator=literal(Decay))
    betas: tuple[float, float] = attrs.field(
        default=(0.9, 0.99), validator=attrs.validators.deep_iterable(share, instance(tuple))
    )
    weight_decay: float = attrs.field(default=0.01, validator=number(least=0.0))
    clip: float = attrs.field(default=1.0, validator=positive)
    average: float = attrs.field(default=0.999, validator=share)
    trained: tuple[str, ...] = ()

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of step `step` (from 0) of `steps`."""
        rise = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        if self.decay == "constant":
            return self.rate * rise
        done = max(0, step - self.warmup) / max(1, steps - self.warmup)
        return self.rate * rise * (1 + math.cos(math.pi * min(1.0, done))) / 2

    def average_decay(self, step: int) -> float:
        """The decay of the exponential moving average at step `step`: the share that it keeps of itself."""
        return min(self.average, (1 + step) / (10 + step))

    def freeze(self, network: nn.Module) -> None:
        """Freeze what is not trained; raises `ComponentError` for a pattern that fits no parameter."""
        if not self.trained:
            return
        named = dict(network.named_parameters())
        for pattern in self.trained:
            if not fnmatch.filter(named, pattern):
                raise ComponentError(
                    f"optimisation.trained: {pattern!r} fits no parameter; there are {', '.join(_stems(named))}."
                )
        for name, parameter in named.items():
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.trained):
                parameter.requires_grad_(False)

    def optimisers(self, network: nn.Module) -> tuple[torch.optim.Optimizer, ...]:
        """AdamW over the parameters of `network` in their order, or Muon and AdamW."""
        named = [(name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad]
        turned = [p for name, p in named if self.method == "muon" and p.ndim == 2 and MATRIX.fullmatch(name)]
        others = [p for _, p in named if not any(p is each for each in turned)]
        groups = (
            {"params": [p for p in others if p.ndim >= 2], "weight_decay": self.weight_decay},
            {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0},
        )
        adamw = torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=self.rate, betas=self.betas, fused=True
        )
        if not turned:
            return (adamw,)
        muon = torch.optim.Muon(
            turned, lr=self.rate, weight_decay=self.weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"
        )
        return (muon, adamw)


def _stems(names: Iterable[str]) -> list[str]:
    """The first parts of dotted names, each once, as patterns."""
    return sorted({f"{name.split('.')[0]}.*" if "." in name else name for name in names})
