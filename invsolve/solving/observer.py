"""`Observer`: who watches a run without taking part in it."""

import abc
from collections.abc import Callable
from typing import final

import attrs
from torch import Tensor

from invsolve.sampler.guidance import Info
from invsolve.solving.outcome import Outcome


@final
@attrs.frozen(eq=False)
class Started:
    """A run begins: how many steps in all (over all chunks), and at which step (after a resume, not 0)."""

    steps: int
    step: int
    trajectories: int


@final
@attrs.frozen(eq=False)
class Stepped:
    """One step ended.

    - ``step``: steps done over all chunks; ``trajectories``: the (observation, sample) pairs of this chunk.
    - ``info``: what the step recorded; ``estimate()``: the current clean latents, computed on demand.
    """

    step: int
    steps: int
    trajectories: tuple[tuple[int, int], ...]
    info: Info
    estimate: Callable[[], Tensor]


@final
@attrs.frozen(eq=False)
class Finished:
    """The run ended."""

    outcome: Outcome
    message: str
    seconds: float


class Observer(abc.ABC):
    """Receives the events of a run in order: one `Started`, many `Stepped`, one `Finished`."""

    @abc.abstractmethod
    def notify(self, event: Started | Stepped | Finished) -> None:
        """Handle one event; must not change the tensors it is shown."""
