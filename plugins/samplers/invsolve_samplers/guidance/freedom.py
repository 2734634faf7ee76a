"""`FreeDoMGuidance`: gradient steps with time travel."""

import math
from typing import ClassVar, Literal, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, lengths, misfit, norms
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal, number, whole

StepLength = Literal["constant", "annealed", "rms", "contrast"]


@final
@attrs.frozen
class FreeDoMGuidance(Guidance):
    """Training-free energy guidance: ``z' - c grad_z ||y - A(D(z0(z)))||``, repeated after going back in time.

    Inside the window each step is taken ``repeats`` times; in between, noise leads back to the same level,
    ``z = (a / a') z' + sqrt(s^2 - (a / a')^2 s'^2) n``, which leaves the law of ``z`` unchanged.

    Cost of a step: one network call and one vector-Jacobian product through network and decoder for each repeat. Needs
    only that the operator is differentiable.

    Known bias: the step length is a heuristic; no posterior is sampled.

    Attributes:
        scale: positive.
        rule: ``constant``, ``c = scale`` (then one repeat is `dps` with convention ``unsquared``); ``annealed``, ``c =
            scale a``; ``rms``, ``c = scale (s / a) RMS(eps) / RMS(g)`` with ``g`` the gradient that ``c`` multiplies,
            so that the length of the step does not depend on the residual (the authors' scale is 0.02 * 0.3); or
            ``contrast``, for priors guided by a condition (`cfg`), ``c = scale RMS(w (eps_c - eps_u)) / RMS(g)``: the
            observation pulls in proportion to the condition (the authors' scale is 0.2).
        repeats: at least 1; 1 means without time travel.
        window: the signal scales ``a``, low and high, between which steps are repeated; the default is about the middle
            of a DDPM run, timesteps 500 to 800 of 1000.

    Raises:
        CapabilityError: for ``rms`` at ``a = 0``, and for ``contrast`` where the prior has no unconditional call.

    References:
        Yu, Wang, Zhao, Ghanem and Zhang 2023, algorithms 1 and 2; ``rms`` and ``contrast`` as in the authors' code.

    Examples:
        ```python
        Diffusion(guidance=FreeDoMGuidance(scale=0.5, repeats=3), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, guidance: {use: freedom, scale: 0.5, repeats: 3}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{yu2023freedom,\n"
        "  title = {FreeDoM: Training-Free Energy-Guided Conditional Diffusion Model},\n"
        "  author = {Yu, Jiwen and Wang, Yinhuai and Zhao, Chen and Ghanem, Bernard and Zhang, Jian},\n"
        "  booktitle = {International Conference on Computer Vision},\n  year = {2023}\n}",
    )

    scale: float = attrs.field(default=1.0, validator=number(above=0.0))
    rule: StepLength = attrs.field(default="constant", validator=literal(StepLength))
    repeats: int = attrs.field(default=1, validator=whole(least=1))
    window: tuple[float, float] = attrs.field(default=(0.04, 0.28))

    @window.validator
    def _ordered(self, _: object, value: tuple[float, float]) -> None:
        if not 0 <= value[0] <= value[1] <= 1:
            raise ComponentError(f"window must be two signal scales with 0 <= low <= high <= 1, got {value}.")

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step and the gradient step, as often as asked for."""
        times = self.repeats if self.window[0] <= level.a <= self.window[1] else 1
        guided = self._once(problem, kernel, z, level, target, rng)
        for _ in range(times - 1):
            guided = self._once(problem, kernel, travel(guided.z, level, target, rng), level, target, rng)
        return guided

    def _once(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        trace = problem.trace(z, level)
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        size = self._step_size(prediction, gradient, residual, level)
        info = {
            "misfit": misfit(residual),
            "gradient_norm": norms(gradient),
            "step_size": size.flatten(),
        }
        return Guided(kernel.step(z, prediction, level, target, rng) - size * gradient, prediction, info)

    def _step_size(self, prediction: Prediction, gradient: Tensor, residual: Tensor, level: NoiseLevel) -> Tensor:
        """The factor of the gradient of the squared norm: ``c / (2 ||r||)``."""
        if self.rule == "rms":
            if level.a == 0:
                raise CapabilityError(
                    "freedom with rule 'rms' has no step length at a = 0 (zero terminal SNR), where s / a is infinite; "
                    "use rule 'annealed', or a schedule without zero_terminal_snr."
                )
            return self.scale * (level.s / level.a) * lengths(prediction.eps) / lengths(gradient)
        if self.rule == "contrast":
            if prediction.contrast is None:
                raise CapabilityError(
                    "freedom with rule 'contrast' compares the prior with and without its condition, and this prior "
                    "made no such pair; use prior cfg with a scale other than 1, or rule 'rms'."
                )
            return self.scale * lengths(prediction.contrast.eps) / lengths(gradient)
        return self.scale * (level.a if self.rule == "annealed" else 1.0) / (2 * lengths(residual))


def travel(z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
    """From `target` back up to the noisier `level`: ``(a / a') z + sqrt(s^2 - (a / a')^2 s'^2) n``."""
    ratio = level.a / target.a
    return ratio * z + math.sqrt(max(level.s**2 - (ratio * target.s) ** 2, 0.0)) * rng.normal(z)
