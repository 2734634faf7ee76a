"""`DAPS`: decoupled annealing, a draw of the clean latent and fresh noise at every level."""

from typing import ClassVar, Literal, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.noise import GaussianNoise
from invsolve.operator import LinearOperator
from invsolve.prior import TractablePrior
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, misfit
from invsolve.schedule import NoiseLevel, Spacing
from invsolve.validators import literal, number, optional, whole
from invsolve_samplers.diffusion import levels
from invsolve_samplers.moves.closed_form import closed_form_draw, decoder_scale
from invsolve_samplers.moves.langevin import langevin
from invsolve_samplers.moves.probability_flow import probability_flow
from invsolve_samplers.moves.warm_start import noised_pseudo_inverse

Estimator = Literal["tweedie", "ode", "exact"]
Inner = Literal["auto", "closed_form", "langevin"]
GAUSSIAN = frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})


@final
@attrs.frozen(eq=False)
class DAPSState:
    """The state of a run: ``z`` at level ``step``, and the draw ``clean`` that it was noised from (None at the start).

    Attributes:
        scale: the decoder's ``g`` where ``D(z) = g z + c`` and closed forms are to be used; None for Langevin.
    """

    z: Tensor
    clean: Tensor | None = None
    scale: float | None = None
    step: int = 0


@final
@attrs.frozen
class DAPS(Sampler[DAPSState]):
    """Decoupled annealing posterior sampling: at each level draw a clean latent, then noise it to the next level.

    1. ``m = E(z)``, an estimate of the clean latent by the prior alone;
    2. ``z0 ~ N(z0; m, r^2 I) p(y | A(D(z0)))``;
    3. ``z' = a' z0 + s' n``: nothing of ``z`` is kept, so that early errors can be undone.

    Cost of a step: ``ode_steps`` network calls (one for ``tweedie``, none for ``exact``) and a proximal step, or
    ``langevin_steps + 10`` passes through decoder and operator and back. No gradient through the network.

    Known bias: ``exact`` has none, in any number of steps. ``tweedie`` is exact in the limit of many small steps, and
    in any number for a prior of covariance ``v I``. ``ode`` is not: in the limit it samples the posterior of a prior
    with twice the covariance (a little less in few Euler steps), too wide where nothing is observed. Langevin chains
    that are too short leave weakly observed directions near the prior's guess.

    Attributes:
        steps: levels, at least 1.
        estimator: of ``m``: ``tweedie``, the prior's ``E[z0 | z]``; ``ode``, the published one, the end of the
            probability flow from ``z`` in ``ode_steps`` Euler steps; or ``exact``, which draws ``z0`` from ``p(z0 | z,
            y)`` itself in place of 1 and 2, from a start drawn alike.
        ode_steps: at least 1; 1 is ``tweedie``.
        prior_variance: ``v``, variance of one latent element, positive, for ``r^2 = s^2 v / (s^2 + a^2 v)``; None for
            the published ``r = s / a``, which is the same at low noise but at high noise far wider than any latent.
        inner: how to draw 2: in ``closed_form``, by ``langevin`` dynamics, or ``auto``: in closed form for a linear
            operator, Gaussian noise and a decoder that scales and shifts, by Langevin dynamics otherwise.
        langevin_steps: at least 1, each with a gradient through decoder and operator.
        step_size: of Langevin dynamics, above 0 and below 2, in units of the inverse curvature, which is measured at
            every level: no tuning to the noise std or the operator. It falls to a hundredth over the chain.
        spacing: those of `Diffusion`.
        start: those of `Diffusion`.

    Raises:
        CapabilityError: for ``closed_form`` where the decoder does more than scale and shift, and for
            ``prior_variance=None`` at ``a = 0``.

    References:
        Zhang, Chu, Berner, Meng, Anandkumar and Song 2025, algorithm 1, with these differences: levels are those of the
        prior's schedule, spaced as theirs by ``karras``; the ODE walks on the same levels, and is not the default,
        because of its bias; nor is ``r = s / a``, because of its width; Langevin chains begin at a draw of ``N(m, r^2
        I)``, not at ``m``, so that directions which are not observed have their spread from the start; the likelihood
        has the variance ``std^2``, in the authors' code half of it.

    Examples:
        ```python
        DAPS(steps=100, estimator="tweedie")
        ```

        ```yaml
        sampler: {use: daps, steps: 100, estimator: tweedie}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{zhang2025improving,\n"
        "  title = {Improving Diffusion Inverse Problem Solving with Decoupled Noise Annealing},\n"
        "  author = {Zhang, Bingliang and Chu, Wenda and Berner, Julius and Meng, Chenlin and Anandkumar, Anima and "
        "Song, Yang},\n"
        "  booktitle = {Conference on Computer Vision and Pattern Recognition},\n  year = {2025}\n}",
    )

    steps: int = attrs.field(default=100, validator=whole(least=1))
    estimator: Estimator = attrs.field(default="tweedie", validator=literal(Estimator))
    ode_steps: int = attrs.field(default=5, validator=whole(least=1))
    prior_variance: float | None = attrs.field(default=1.0, validator=optional(number(above=0.0)))
    inner: Inner = attrs.field(default="auto", validator=literal(Inner))
    langevin_steps: int = attrs.field(default=100, validator=whole(least=1))
    step_size: float = attrs.field(default=0.5, validator=[number(above=0.0), number(below=2.0)])
    spacing: Spacing = attrs.field(default="karras", validator=literal(Spacing))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @property
    def requires(self) -> frozenset[Requirement]:
        """Closed forms need a linear operator and Gaussian noise, ``exact`` also a prior."""
        if self.estimator == "exact":
            return GAUSSIAN | {Requirement.TRACTABLE_PRIOR}
        return GAUSSIAN if self.inner == "closed_form" else frozenset()

    def init(self, problem: Problem, rng: Randomness) -> DAPSState:
        """``sqrt(a^2 + s^2) n``; for ``exact`` the law of ``z`` given ``y``; late, the noised pseudo-inverse."""
        level = self._levels(problem)[0]
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        if self.estimator == "exact":
            return DAPSState(level.a * _exact_draw(problem, None, None, rng) + level.s * rng.normal(like))
        z = noised_pseudo_inverse(problem, level, rng) if self.start < 1 else level.start_std * rng.normal(like)
        return DAPSState(z, scale=self._scale(problem))

    def step(self, problem: Problem, state: DAPSState, i: int, rng: Randomness) -> tuple[DAPSState, Info]:
        """A clean draw at level ``i``, noised to level ``i + 1``."""
        path = self._levels(problem)[i:]
        level, target = path[:2]
        if self.estimator == "exact":
            z0 = _exact_draw(problem, state.z, level, rng)
        else:
            centre = probability_flow(problem, state.z, path, self.ode_steps if self.estimator == "ode" else 1)
            z0 = self._draw(problem, centre, self._variance(level), state.scale, rng)
        z = target.a * z0 + target.s * rng.normal(z0) if target.s > 0 else z0
        return DAPSState(z, z0, state.scale, i + 1), {"misfit": misfit(problem.residual(z0))}

    def estimate(self, problem: Problem, state: DAPSState) -> Tensor:
        """The last clean draw; before the first, the prior's estimate."""
        if state.clean is not None:
            return state.clean
        return problem.predict(state.z, self._levels(problem)[state.step]).z0

    def _draw(self, problem: Problem, centre: Tensor, variance: float, scale: float | None, rng: Randomness) -> Tensor:
        if scale is not None:
            return closed_form_draw(problem, centre, variance, scale, rng)
        start = centre + variance**0.5 * rng.normal(centre)
        return langevin(problem, centre, variance, start, rng, iterations=self.langevin_steps, step_size=self.step_size)

    def _variance(self, level: NoiseLevel) -> float:
        if self.prior_variance is not None:
            return level.s**2 * self.prior_variance / (level.s**2 + level.a**2 * self.prior_variance)
        if level.a == 0:
            raise CapabilityError(
                "daps with prior_variance=None spreads its draws by s / a, which is infinite at a = 0 (zero terminal "
                "SNR); give prior_variance, such as 1 for latents of unit variance."
            )
        return level.sbar**2

    def _scale(self, problem: Problem) -> float | None:
        """The decoder's scale, if draws are to be made in closed form."""
        if self.inner == "langevin":
            return None
        closed = isinstance(problem.operator, LinearOperator) and isinstance(problem.noise, GaussianNoise)
        scale = decoder_scale(problem) if closed else None
        if self.inner == "closed_form" and scale is None:
            raise CapabilityError(
                f"daps has no closed form here: the decoder of {type(problem.prior).__name__} does more than scale and "
                "shift; write inner: langevin, or leave it out."
            )
        return scale

    def _levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels(problem.prior.schedule, self.steps, self.spacing, self.start)


def _exact_draw(problem: Problem, z: Tensor | None, level: NoiseLevel | None, rng: Randomness) -> Tensor:
    prior = problem.prior
    if not isinstance(prior, TractablePrior):
        raise CapabilityError(f"daps with estimator 'exact' needs a prior with closed forms, not {prior}.")
    return problem.conditional(z, level).sample(rng)
