"""`Collapsed`: sample what is hard with the Gaussian rest integrated out, then draw the rest exactly."""

import math
from typing import Any, ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.noise import GaussianNoise
from invsolve.operator import LinearOperator
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.operator.pull_back import pull_back
from invsolve.prior.residual import ResidualPrior
from invsolve.problem import Problem, Requirement
from invsolve.problem.jacobian import push_forward
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import instance

GREY = 0.5


@final
@attrs.frozen(eq=False)
class CollapsedState:
    """The state of a collapsed run.

    Attributes:
        inner: the state of the sampler of ``z``.
        std: of the noise that it is told.
        residual: ``u``; None before the last step.
    """

    inner: Any
    std: float
    residual: Tensor | None = None


@final
@attrs.frozen
class Collapsed(Sampler[CollapsedState]):
    """For ``x = D(z) + R u``: another sampler finds ``z`` with ``u`` integrated out, then ``u`` is drawn given both.

    With ``u ~ N(0, I)``, ``B = A R`` and noise of variance ``std^2``, what ``z`` leaves, ``e = y - A(D(z))``, is
    ``N(0, B B^T + std^2 I)``. So the sampler of ``z`` is told a noise of variance ``std^2 + mean eigenvalue of B B^T``
    (known from one product with ``B^T``), and in its last step, with ``u0`` and ``n`` standard normal,

        u = u0 + B^T (B B^T + std^2 I)^-1 (e - B u0 - std n)

    is a draw of ``u`` given ``z`` and ``y``, by conjugate gradients.

    An operator that is not linear is linearised: at ``D(z)`` for the draw, at grey for the mean eigenvalue.

    Cost: that of the sampler, and one decoding. Needs a prior with a residual (`residual_image`) and Gaussian noise.

    Known bias: that of the sampler; otherwise none where ``A`` is linear and ``B B^T`` a multiple of the identity, as
    for an average over an exposure and one image in all frames. Where it is not, ``z`` sees that noise as white.

    Attributes:
        sampler: of ``z``, under the prior of ``z`` alone.

    References:
        Integrating out what is Gaussian is Liu 1994 (the collapsed Gibbs sampler); the draw of ``u`` is Hoffman and
        Ribak 1991.

    Examples:
        ```python
        Collapsed(sampler=Diffusion(guidance=DPSGuidance(scale=1.0), steps=50))
        ```

        ```yaml
        sampler: {use: collapsed, sampler: {use: diffusion, guidance: {use: dps, scale: 1.0}, steps: 50}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{liu1994collapsed,\n"
        "  title = {The Collapsed Gibbs Sampler in Bayesian Computations with Applications to a Gene Regulation "
        "Problem},\n"
        "  author = {Liu, Jun S.},\n  journal = {Journal of the American Statistical Association},\n"
        "  volume = {89},\n  pages = {958--966},\n  year = {1994}\n}",
        "@article{hoffman1991constrained,\n"
        "  title = {Constrained Realizations of Gaussian Fields: A Simple Algorithm},\n"
        "  author = {Hoffman, Yehuda and Ribak, Erez},\n  journal = {The Astrophysical Journal},\n"
        "  volume = {380},\n  pages = {L5--L8},\n  year = {1991}\n}",
    )

    sampler: Sampler[Any] = attrs.field(validator=instance(Sampler))

    @property
    def steps(self) -> int:  # type: ignore[override]  # read-only
        """The sampler's."""
        return self.sampler.steps

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the sampler and of the draw of ``u``; `init` asks the prior of ``z`` for a closed form."""
        own = {Requirement.GAUSSIAN_NOISE, Requirement.RESIDUAL_PRIOR}
        return (self.sampler.requires - {Requirement.TRACTABLE_PRIOR}) | own

    def init(self, problem: Problem, rng: Randomness) -> CollapsedState:
        """The sampler's, under a noise that holds the residual."""
        std = math.sqrt(problem.noise_std**2 + _mean_eigenvalue(problem))
        marginal = _marginal(problem, std)
        marginal.require(self.sampler.requires, type(self.sampler).__name__)
        return CollapsedState(self.sampler.init(marginal, rng), std)

    def step(self, problem: Problem, state: CollapsedState, i: int, rng: Randomness) -> tuple[CollapsedState, Info]:
        """The sampler's step; in the last one ``u`` is drawn."""
        marginal = _marginal(problem, state.std)
        inner, info = self.sampler.step(marginal, state.inner, i, rng)
        if i + 1 < self.steps:
            return CollapsedState(inner, state.std), info
        video = marginal.decode(self.sampler.estimate(marginal, inner))
        return CollapsedState(inner, state.std, _draw(problem, video, rng)), info

    def estimate(self, problem: Problem, state: CollapsedState) -> Tensor:
        """``z`` and ``u``; before the last step, the mean of ``u`` before anything is seen, 0."""
        z = self.sampler.estimate(_marginal(problem, state.std), state.inner)
        u = _blank(problem, len(z)) if state.residual is None else state.residual
        return _prior(problem).joined(z, u)

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """The sampler's."""
        return self.sampler.remark(problem, video)


def _prior(problem: Problem) -> ResidualPrior:
    if not isinstance(problem.prior, ResidualPrior):
        raise CapabilityError(f"collapsed needs {Requirement.RESIDUAL_PRIOR.value}, got {problem.prior}.")
    return problem.prior


def _marginal(problem: Problem, std: float) -> Problem:
    """The problem in ``z`` alone."""
    return problem.with_prior(_prior(problem).prior).with_noise(GaussianNoise(std))


def _blank(problem: Problem, count: int) -> Tensor:
    """``u = 0``."""
    latent = problem.observation.new_zeros(count, *problem.latent_shape)
    return _prior(problem).parted(latent)[1]


def _spread(problem: Problem, video: Tensor, u: Tensor) -> Tensor:
    """``B u`` with ``A`` linearised at `video`."""
    change = _prior(problem).added(torch.zeros_like(video), u)
    if not isinstance(problem.operator, LinearOperator):
        return push_forward(problem.operator.forward, video, change)
    with torch.no_grad():
        return problem.operator.forward(change)


def _gathered(problem: Problem, video: Tensor, measured: Tensor) -> Tensor:
    """``B^T c`` with ``A`` linearised at `video`."""
    u = _blank(problem, len(measured)).requires_grad_()
    with torch.enable_grad():
        changed = _prior(problem).added(torch.zeros_like(video), u)
    return pull_back(changed, u, problem.transposed_jacobian(video, measured))


def _mean_eigenvalue(problem: Problem) -> float:
    """``E ||B^T n||^2 / E ||n||^2`` at grey, by one fixed probe ``n`` of an observation: the same for every batch."""
    generator = torch.Generator().manual_seed(0)
    probe = torch.randn(1, *problem.observation.shape[1:], generator=generator, dtype=torch.float64)
    grey = torch.full((1, *problem.space.shape), GREY).to(problem.observation)
    return float((_gathered(problem, grey, probe.to(grey)).norm() / probe.norm()) ** 2)


def _draw(problem: Problem, video: Tensor, rng: Randomness) -> Tensor:
    """``u`` given the decoded ``z``."""
    std = problem.noise_std
    with torch.no_grad():
        residual = problem.observation - problem.operator.forward(video)
    fresh = rng.normal(_blank(problem, len(residual)))
    unexplained = residual - _spread(problem, video, fresh) - std * rng.normal(residual)

    def covariance(measured: Tensor) -> Tensor:
        return _spread(problem, video, _gathered(problem, video, measured)) + std**2 * measured

    return fresh + _gathered(problem, video, conjugate_gradients(covariance, unexplained))
