"""`Sampled`: what the loop hands over when it has stopped."""

from collections.abc import Mapping
from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.solving.outcome import Outcome


@final
@attrs.frozen(eq=False, kw_only=True)
class Sampled:
    """Latents that nobody has looked at yet.

    Attributes:
        latent: of the ``n`` trajectories (observations of the first sample, then of the second ...); NaN where a failed
            run did not get to.
        trace: each recorded quantity as ``steps n``.
        outcome: how the loop ended, and what to do if it did not end well.
        ending: how the loop ended, and what to do if it did not end well.
        samples: the sample numbers; ``seed``.
        started: when, on the monotonic clock [s].
        chunk: trajectories that were in flight together.
    """

    latent: Float[Tensor, "n zc zt zh zw"]
    trace: Mapping[str, Float[Tensor, "steps n"]]
    outcome: Outcome
    ending: str
    samples: tuple[int, ...]
    seed: int
    started: float
    chunk: int
