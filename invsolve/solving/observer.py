"""`Observer`: who watches a run without taking part in it."""

import abc
from collections.abc import Callable
from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.sampler.guidance import Info
from invsolve.solving.outcome import Outcome


@final
@attrs.frozen(eq=False)
class Started:
    """A run begins.

    Attributes:
        steps: in all, over all chunks.
        step: how many of them are done already, after a resume not 0.
        trajectories: pairs of an observation and a sample, over all chunks.
    """

    steps: int
    step: int
    trajectories: int


@final
@attrs.frozen(eq=False)
class Stepped:
    """One step ended.

    Attributes:
        step: steps done, of ``steps`` over all chunks.
        trajectories: the ``n`` pairs (row of the observation, sample number) of this chunk.
        info: what the step recorded, one number for each trajectory under each name, shape ``(n,)``.
        estimate: call it for the current clean latents ``n zc zt zh zw``; computed on demand.
    """

    step: int
    steps: int
    trajectories: tuple[tuple[int, int], ...]
    info: Info
    estimate: Callable[[], Float[Tensor, "n zc zt zh zw"]]


@final
@attrs.frozen(eq=False)
class Finished:
    """Sampling ended; the samples are not decoded and judged yet.

    Attributes:
        outcome: how.
        message: the same in a sentence, with what to do.
        seconds: since the start.
    """

    outcome: Outcome
    message: str
    seconds: float


class Observer(abc.ABC):
    """Receives the events of a run in order: one `Started`, many `Stepped`, one `Finished`."""

    @abc.abstractmethod
    def notify(self, event: Started | Stepped | Finished) -> None:
        """Handle one event; must not change the tensors it is shown.

        What it raises ends the run and reaches the caller of `solve` as it is, `KeyboardInterrupt` included; the last
        checkpoint is kept.
        """
