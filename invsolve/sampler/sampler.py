"""Abstract `Sampler`: two pure functions; the core owns the loop, the seeds and the checkpoints."""

import abc
from typing import Generic, TypeVar

from invsolve.parts import Part
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Info
from invsolve.video.axes import Latent, Video

State = TypeVar("State")


class Sampler(Part, Generic[State]):
    """A way to search: `init` a state, `step` it `steps` times, read the `estimate`.

    A state is a tensor, None, a number, a tuple or dict of states, or an attrs class of them: what a checkpoint can
    hold. Axis 0 of its tensors runs over trajectories. All randomness comes from `rng`, which the loop sets to the
    current step.

    Attributes:
        steps: how many steps the loop takes, at least 1.
        requires: what the problem must offer; `solve` refuses others before any work.
    """

    steps: int

    @property
    def requires(self) -> frozenset[Requirement]:
        """The properties that the problem must have; none by default."""
        return frozenset()

    @abc.abstractmethod
    def init(self, problem: Problem, rng: Randomness) -> State:
        """The state before the first step.

        Args:
            problem: one row of the observation for each trajectory; ``problem.count`` of them.
            rng: the only source of random numbers, one stream for each trajectory.

        Raises:
            CapabilityError: where the problem lacks what ``requires`` cannot name.
        """

    @abc.abstractmethod
    def step(self, problem: Problem, state: State, i: int, rng: Randomness) -> tuple[State, Info]:
        """Step ``i`` of ``0 .. steps - 1``: the new state, and what to record.

        The record maps names to one number for each trajectory, shape (b,), with the same names at every step;
        ``misfit`` (`invsolve.sampler.guidance.misfit`) is among them. Trajectories do not depend on each other.

        Args:
            state: that of the step before, or of `init`; not to be changed in place.
            rng: as in `init`, set to this step.

        Raises:
            CapabilityError: as `init` does.
        """

    @abc.abstractmethod
    def estimate(self, problem: Problem, state: State) -> Latent:
        """The clean latent, ``b`` and the prior's latent shape, as far as a state knows it; in the end, the sample.

        It draws nothing, so that looking on does not change a run.
        """

    def remark(self, problem: Problem, video: Video) -> tuple[str, ...]:
        """Remarks on the finished samples for the user, such as why they are alike; empty by default.

        Each is a whole sentence, for the solution's verdict and its message.
        """
        return ()
