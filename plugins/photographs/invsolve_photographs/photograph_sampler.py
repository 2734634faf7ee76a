"""`PhotographSampler`: draws of a photograph's own law, made to explain the photograph."""

from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.problem import Problem, Requirement
from invsolve.problem.jacobian import push_forward
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import number
from invsolve_photographs.law import END, PICTURE, REMAINDER
from invsolve_photographs.photograph_prior import PhotographPrior

LINEARISATIONS: Final = 2  # of the operator, at the video and at the corrected one


@final
@attrs.frozen
class PhotographSampler(Sampler[Tensor]):
    """A picture, a motion and its directions from the prior `photograph`, then the remainder from its posterior.

    With everything else of the latent fixed, the remainder ``R``, which is added to every frame, has the posterior

        R | y ~ N( r2 g d / (r2 g^2 + s2), r2 s2 / (r2 g^2 + s2) ),   d = y - A(x with R = 0),

    value by value, where ``g`` is how much the observation changes with ``R`` (its derivative, which for an exposure in
    linear light is near 1), ``r2`` the prior's ``remainder_std^2`` and ``s2`` the variance of the noise. So every
    sample explains the photograph to within its noise.

    - ``picture_spread``, ``end_spread``: factors on the spread of the picture and of the displacements: 1 is the law,
      0 its means. Directions are always drawn.

    **Cost of a step**: one video decoded, and two derivatives of the operator, whose curve is linearised twice, the
    second time at the mean of the first. **Known bias**: the picture and the motion are not corrected by the
    observation, of which the law knows already.

    Raises `CapabilityError` with another prior, and for an operator that does not give one frame of the photograph's
    size.

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
        """Draw the remainder."""
        del i
        law = _prior(problem).law
        video = problem.decode(state)
        remainder = torch.zeros_like(video[:, :, :1])
        prior_variance, noise_variance = law.remainder_std**2, problem.noise_std**2
        for _ in range(LINEARISATIONS):
            here = video + remainder
            observed = problem.operator.forward(here)
            if observed.shape[1:] != (3, 1, *law.size):
                raise CapabilityError(
                    "the sampler `photograph` needs an operator that gives one frame of the photograph's size, c t h w"
                    f" = {(3, 1, *law.size)}; {problem.operator} gives {tuple(observed.shape[1:])}."
                )
            gain = push_forward(problem.operator.forward, here, torch.ones_like(here))
            total = prior_variance * gain.square() + noise_variance
            remainder = prior_variance * gain * (problem.observation - observed + gain * remainder) / total
        spread = (prior_variance * noise_variance / total).sqrt() if noise_variance > 0 else torch.zeros_like(total)
        mean = remainder + spread * rng.normal(remainder)
        state = law.with_remainder(state, mean[:, :, 0])
        left = problem.residual(state)
        return state, {"misfit": left.square().flatten(1).mean(1).sqrt()}

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
