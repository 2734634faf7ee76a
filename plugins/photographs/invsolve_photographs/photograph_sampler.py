"""`PhotographSampler`: draws of a photograph's own law, made to explain the photograph."""

from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import number
from invsolve_photographs.law import END, PICTURE, REMAINDER
from invsolve_photographs.photograph_prior import PhotographPrior

LEAST_STEP: Final = 0.01  # display values: over this or more the operator's slope is taken


@final
@attrs.frozen
class PhotographSampler(Sampler[Tensor]):
    """A picture, a motion and its directions from the prior `photograph`, then the remainder from its posterior.

    With everything else of the latent fixed, the remainder ``R``, which is added to every frame, has the posterior

        R | y ~ N( r2 g d / (r2 g^2 + s2), r2 s2 / (r2 g^2 + s2) ),   d = y - A(x with R = 0),

    value by value, where ``g`` is the slope of the observation over a step of all frames by ``d`` (for an exposure in
    linear light it is near 1), ``r2`` the prior's ``remainder_std^2`` and ``s2`` the variance of the noise. So every
    sample explains the photograph to within its noise.

    **Cost of a step**: one video decoded, and two passes of the operator. **Known bias**: the picture and the motion
    are not corrected by the observation, of which the law knows already; the operator's curve is taken for a chord.

    Attributes:
        picture_spread: factors on the spread of the picture and of the displacements: 1 is the law, 0 its means.
            Directions are always drawn.
        end_spread: factors on the spread of the picture and of the displacements: 1 is the law, 0 its means. Directions
            are always drawn.

    Raises:
        CapabilityError: with another prior, and for an operator that does not give one frame of the photograph's size.

    Examples:
        ```python
        PhotographSampler(picture_spread=0.0)
        ```

        ```yaml
        sampler: {use: photograph, picture_spread: 0.0}
        ```
    """

    picture_spread: float = attrs.field(default=1.0, validator=number(least=0.0))
    end_spread: float = attrs.field(default=1.0, validator=number(least=0.0))

    @property
    def steps(self) -> int:  # type: ignore[override]  # read-only
        """One."""
        return 1

    @property
    def requires(self) -> frozenset[Requirement]:
        """Gaussian noise."""
        return frozenset({Requirement.GAUSSIAN_NOISE})

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        """A draw of the law, without a remainder."""
        prior = _prior(problem)
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        z = prior.drawn(rng, like)
        z[:, PICTURE] *= self.picture_spread
        z[:, END] *= self.end_spread
        z[:, REMAINDER] = 0
        return z

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, Info]:
        """Draw the remainder; the recorded misfit is that of the draw without it."""
        del i
        law = _prior(problem).law
        video = problem.decode(state)
        observed = problem.operator.forward(video)
        if observed.shape[1:] != (3, 1, *law.size):
            raise CapabilityError(
                "the sampler `photograph` needs an operator that gives one frame of the photograph's size, c t h w"
                f" = {(3, 1, *law.size)}; {problem.operator} gives {tuple(observed.shape[1:])}."
            )
        missing = problem.observation - observed
        step = torch.where(missing < 0, -1.0, 1.0) * missing.abs().clamp_min(LEAST_STEP)
        gain = (problem.operator.forward(video + step) - observed) / step
        prior_variance, noise_variance = law.remainder_std**2, problem.noise_std**2
        total = prior_variance * gain.square() + noise_variance
        mean = prior_variance * gain * missing / total
        if noise_variance > 0:
            mean = mean + (prior_variance * noise_variance / total).sqrt() * rng.normal(mean)
        misfit = missing.square().flatten(1).mean(1).sqrt()
        return law.with_remainder(state, mean[:, :, 0]), {"misfit": misfit}

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        """The latent."""
        del problem
        return state


def _prior(problem: Problem) -> PhotographPrior:
    if not isinstance(problem.prior, PhotographPrior):
        raise CapabilityError(
            f"the sampler `photograph` draws from the prior `photograph`, not from {type(problem.prior).__name__}."
        )
    return problem.prior
