"""Abstract `NamedDiffusion`: a diffusion run under the name of the paper that composed it."""

import abc

from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve_samplers.diffusion import Diffusion, DiffusionState


class NamedDiffusion(Sampler[DiffusionState]):
    """A `Diffusion` with a kernel and a rule that belong together, and the fields that its paper has."""

    @property
    @abc.abstractmethod
    def diffusion(self) -> Diffusion:
        """The sampler that this is a name for."""

    def randomness(self, rng: Randomness) -> Randomness:
        """The noise of a run; independent, unless the method shares it."""
        return rng

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of kernel and guidance."""
        return self.diffusion.requires

    def init(self, problem: Problem, rng: Randomness) -> DiffusionState:
        """Noise at the first level, or the noised pseudo-inverse."""
        return self.diffusion.init(problem, self.randomness(rng))

    def step(self, problem: Problem, state: DiffusionState, i: int, rng: Randomness) -> tuple[DiffusionState, Info]:
        """One guided step of the kernel."""
        return self.diffusion.step(problem, state, i, self.randomness(rng))

    def estimate(self, problem: Problem, state: DiffusionState) -> Tensor:
        """The guided clean estimate; after the last step, the sample."""
        return self.diffusion.estimate(problem, state)
