"""`RedDiff`: one video by optimisation, with the denoiser as regulariser."""

from typing import ClassVar, Final, Literal, final

import attrs
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, misfit
from invsolve.schedule import NoiseLevel, Spacing
from invsolve.validators import literal, number, whole
from invsolve_samplers.diffusion import levels
from invsolve_samplers.moves.adam import Moments

BETAS: Final = (0.9, 0.99)
Weighting = Literal["linear", "sqrt", "constant"]
POWERS: Final = {"linear": 0.0, "sqrt": 0.5, "constant": 1.0}  # of a / s in the pull towards the clean estimate


@final
@attrs.frozen(eq=False)
class RedDiffState:
    """The latent ``mean`` that is optimised, and the optimiser's moments."""

    mean: Tensor
    moments: Moments


@final
@attrs.frozen
class RedDiff(Sampler[RedDiffState]):
    """Minimise ``mean((y - A(D(mu)))^2) / 2 + weight w_t mean(sg[eps(z) - n] mu)`` over ``mu``, ``z = a mu + s n``.

    One step of Adam at each level, from the noisiest down, with fresh noise ``n``; ``sg`` stops the gradient, so that
    the network is not differentiated. Since ``eps(z) - n = (a / s) (mu - z0(z))``, the second term pulls ``mu`` towards
    the clean estimate, with the force ``weight w_t (a / s) / d``. Means run over the ``d`` values of the latent and the
    ``m`` of the observation, so that the observation weighs ``d / m`` times as much as in sums.

    It starts at ``E(A^+ y)``, or, where the operator is not linear, at the prior's estimate from pure noise.

    Cost of a step: one network call without gradient; with a latent prior one pass through the decoder and back. Needs
    only that the operator is differentiable.

    Known bias: it finds one point; samples differ by optimisation noise alone and say nothing of uncertainty. For a
    Gaussian prior ``N(c, C)``, a linear ``A`` and levels drawn at random, the point solves
    ``(L / d + A^T A / m) mu = L c / d + A^T y / m``, ``L = weight mean_t(s^2 (a^2 C + s^2 I)^-1)`` (``linear``). It is
    the most likely video only for ``C = I`` and ``weight mean_t(s^2) m / d = std^2``: the noise std enters through
    ``weight`` alone.

    Attributes:
        steps: at least 1.
        weight: positive, the paper's lambda. Larger trusts the prior more.
        learning_rate: Adam's, positive: about how far each latent value moves in a step.
        weighting: ``w_t``: ``linear``, ``s / a``; ``sqrt``, its root; or ``constant``, 1.
        spacing: which of the schedule's levels.

    References:
        Mardani, Song, Kautz and Vahdat 2024, algorithm 1; Adam as in the authors' code.

    Examples:
        ```python
        RedDiff(steps=1000, weight=0.25, learning_rate=0.1)
        ```

        ```yaml
        sampler: {use: red_diff, steps: 1000, weight: 0.25, learning_rate: 0.1}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{mardani2024variational,\n"
        "  title = {A Variational Perspective on Solving Inverse Problems with Diffusion Models},\n"
        "  author = {Mardani, Morteza and Song, Jiaming and Kautz, Jan and Vahdat, Arash},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2024}\n}",
    )

    steps: int = attrs.field(default=1000, validator=whole(least=1))
    weight: float = attrs.field(default=0.25, validator=number(above=0.0))
    learning_rate: float = attrs.field(default=0.1, validator=number(above=0.0))
    weighting: Weighting = attrs.field(default="linear", validator=literal(Weighting))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))

    def init(self, problem: Problem, rng: Randomness) -> RedDiffState:
        """``E(A^+ y)``, or the prior's estimate from pure noise."""
        if isinstance(problem.operator, LinearOperator):
            mean = problem.encode(problem.pseudo_inverse(problem.observation))
        else:
            level = self._levels(problem)[0]
            like = problem.observation.new_empty(problem.count, *problem.latent_shape)
            mean = problem.predict(level.start_std * rng.normal(like), level).z0
        return RedDiffState(mean, Moments.none(mean))

    def step(self, problem: Problem, state: RedDiffState, i: int, rng: Randomness) -> tuple[RedDiffState, Info]:
        """One step of Adam at level ``i``."""
        level = self._levels(problem)[i]
        gradient, residual = self.gradient(problem, state.mean, level, rng.normal(state.mean))
        moments = state.moments.after(gradient, BETAS)
        mean = state.mean - self.learning_rate * moments.direction(BETAS)
        return RedDiffState(mean, moments), {"misfit": misfit(residual)}

    def gradient(self, problem: Problem, mean: Tensor, level: NoiseLevel, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The gradient of the loss at `level` for one draw of noise, and the residual."""
        prediction = problem.predict(level.a * mean + level.s * noise, level)
        force = self.weight * (level.a / level.s) ** POWERS[self.weighting] / mean[0].numel()
        trace = problem.trace_decoder(mean)
        residual = trace.residual
        pulled = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        return force * (mean - prediction.z0) + pulled / (2 * residual[0].numel()), residual

    def estimate(self, problem: Problem, state: RedDiffState) -> Tensor:
        """The optimised latent."""
        return state.mean

    def _levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels(problem.prior.schedule, self.steps, self.spacing)
