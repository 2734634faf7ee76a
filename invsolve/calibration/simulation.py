"""`Simulation`: truths drawn from a prior, and observations made of them."""

from collections.abc import Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve.calibration.blind import Blind
from invsolve.errors import CapabilityError, RunFailed
from invsolve.noise import GaussianNoise
from invsolve.prior import TractablePrior
from invsolve.problem import Problem
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler
from invsolve.solving.loop import solve


@final
@attrs.frozen(eq=False)
class Simulation:
    """Draws ``x = D(z0)``, ``z0`` from the prior, and ``y ~ p(y | A(x))``; draw ``i`` is the same in any batch.

    A prior with closed forms is drawn from exactly: ``p(z0 | y)`` of an observation that holds nothing. Any other is
    drawn from by `sampler` on that same observation, that is without guidance, by its own kernel and levels: what is
    tested is then whether the sampler agrees with itself.

    Attributes:
        problem: operator, noise, prior and space; its observation is not looked at.
        sampler: draws from priors without closed forms.
        seed: of the draws.
    """

    problem: Problem
    sampler: Sampler[Any]
    seed: int

    @property
    def exact(self) -> bool:
        """True if truths come from a closed form."""
        return isinstance(self.problem.prior, TractablePrior)

    def draw(self, numbers: Sequence[int], sample: int) -> tuple[Tensor, Problem]:
        """The truths ``b c t h w`` of some draws, and the problem of recovering them.

        Args:
            sample: a sample number that no sample of the posterior has: truths drawn by the sampler must not share
                their noise with it.

        Raises:
            CapabilityError: where the prior cannot be drawn from.
        """
        problem = self.problem
        with torch.no_grad():
            latent = self._latents(tuple(numbers), sample)
            video = torch.cat([problem.prior.decode(each) for each in torch.split(latent, 1)])
            mean = problem.operator.forward(video)
            rng = SeededRandomness(self.seed, tuple((number, 0) for number in numbers), purpose="calibration noise")
            observation = problem.noise.sample(mean, rng)
        return video, attrs.evolve(problem, observation=observation)

    def _latents(self, numbers: tuple[int, ...], sample: int) -> Tensor:
        prior, like = self.problem.prior, self.problem.observation
        blind, nothing = Blind(self.problem.space), like.new_zeros(len(numbers), 1, 1, 1, 1)
        if isinstance(prior, TractablePrior):
            rng = SeededRandomness(self.seed, tuple((number, 0) for number in numbers), purpose="calibration truth")
            return prior.conditional(None, None, blind, nothing, 1.0).sample(rng).to(like)
        unseen = Problem(blind, nothing, prior, GaussianNoise(std=1.0), self.problem.space)
        try:
            drawn = solve(unseen, self.sampler, seed=self.seed, samples=[sample], observations=numbers)
        except (RunFailed, CapabilityError) as error:
            raise CapabilityError(
                f"{type(prior).__name__} cannot be drawn from: it has no closed form, and "
                f"{type(self.sampler).__name__} without an observation fails: {error}"
            ) from error
        return drawn.latent[0]
