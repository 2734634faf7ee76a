"""`DPMSolverKernel`: DPM-Solver++ (2M), deterministic or stochastic."""

import math
from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import MultistepKernel, Past
from invsolve.schedule import NoiseLevel


@final
@attrs.frozen
class DPMSolverKernel(MultistepKernel):
    """Second order from the clean estimates of two steps, one network call a step.

    With ``q = (a s') / (a' s) = exp(-h)``, ``h`` the step in ``log(a / s)``, and
    ``D = (1 + w) z0 - w z0_before``, ``w = h / (2 h_before)``:

        deterministic  z' = (s' / s) z + a' (1 - q) D
        stochastic     z' = (s' / s) q z + a' (1 - q^2) D + s' sqrt(1 - q^2) n

    The first and the last step take ``D = z0``; then the deterministic step is DDIM and the stochastic one is `ddpm`.
    At ``a = 0`` the limits are taken. The stochastic form is the step of CogVideoX's own scheduler.

    Known bias: deterministic O(1 / steps^2); stochastic as `ddpm`, O(1 / steps), of the covariance.

    Attributes:
        stochastic: draw noise (the SDE solver), or not (the ODE solver).

    References:
        Lu, Zhou, Bao, Chen, Li and Zhu 2022, algorithm 2, and its form for diffusion SDEs.

    Examples:
        ```python
        Diffusion(kernel=DPMSolverKernel(stochastic=False), guidance=PiGDMGuidance(), steps=25)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: dpm_solver, stochastic: false}, guidance: {use: pigdm}, steps: 25}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{lu2022dpm,\n"
        "  title = {DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models},\n"
        "  author = {Lu, Cheng and Zhou, Yuhao and Bao, Fan and Chen, Jianfei and Li, Chongxuan and Zhu, Jun},\n"
        "  journal = {arXiv:2211.01095},\n  year = {2022}\n}",
    )

    stochastic: bool = False

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """The first-order step."""
        return self._advance(prediction.start(z), prediction.z0, level, target, rng)

    def step_after(
        self,
        past: Past,
        z: Tensor,
        prediction: Prediction,
        level: NoiseLevel,
        target: NoiseLevel,
        rng: Randomness,
    ) -> Tensor:
        """The second-order step; first order where a step is infinitely long in ``log(a / s)``."""
        clean = prediction.z0
        if target.s > 0 and past.level.a > 0:
            weight = _log_step(level, target) / (2 * _log_step(past.level, level))
            clean = clean + weight * (clean - past.z0)
        return self._advance(prediction.start(z), clean, level, target, rng)

    def _advance(self, z: Tensor, clean: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        decay = (level.a * target.s) / (target.a * level.s)
        shrink = target.s / level.s
        if not self.stochastic:
            return shrink * z + target.a * (1 - decay) * clean
        fresh = 1 - decay**2
        mean = shrink * decay * z + target.a * fresh * clean
        std = target.s * math.sqrt(fresh)
        return mean + std * rng.normal(z) if std > 0 else mean


def _log_step(level: NoiseLevel, target: NoiseLevel) -> float:
    return math.log((target.a * level.s) / (level.a * target.s))
