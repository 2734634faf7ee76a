"""Abstract `Sampler`: two pure functions; the core owns the loop, the seeds and the checkpoints."""

import abc
from typing import Generic, TypeVar

from jaxtyping import Float
from torch import Tensor

from invsolve.parts import Part
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Info

State = TypeVar("State")


class Sampler(Part, Generic[State]):
    """A way to search: `init` a state, `step` it `steps` times, read the `estimate`.

    - ``steps``: how many steps the loop takes.

    A state is a tensor, None, a number, a tuple or dict of states, or an attrs class of them: what a checkpoint can
    hold. Axis 0 of its tensors runs over trajectories. All randomness comes from `rng`, which the loop sets to the
    current step.
    """

    steps: int

    @property
    def requires(self) -> frozenset[Requirement]:
        """The properties that the problem must have; none by default."""
        return frozenset()

    @abc.abstractmethod
    def init(self, problem: Problem, rng: Randomness) -> State:
        """The state before the first step."""

    @abc.abstractmethod
    def step(self, problem: Problem, state: State, i: int, rng: Randomness) -> tuple[State, Info]:
        """Step ``i`` of ``0 .. steps - 1``; returns the new state and what to record, such as ``misfit``."""

    @abc.abstractmethod
    def estimate(self, problem: Problem, state: State) -> Tensor:
        """The latent estimate ``b c t h w`` of a state; after the last step, the sample."""

    def remark(self, problem: Problem, video: Float[Tensor, "b c t h w"]) -> tuple[str, ...]:
        """Remarks on the finished samples for the user, such as why they are alike; empty by default.

        Each is a whole sentence, for the solution's verdict and its message.
        """
        return ()
