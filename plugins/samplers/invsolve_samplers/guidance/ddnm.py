"""`DDNMGuidance`: replace what the observation determines."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import NoiseEstimate
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal


@final
@attrs.frozen
class DDNMGuidance(Guidance):
    """Null-space guidance: ``x0' = x0 + A^+ (y - A x0)``; what ``A`` does not see stays the prior's.

    In a latent space ``z0' = E(D(z0) + A^+ (y - A D(z0)))``. The observation counts as free of noise.

    Cost of a step: one network call and one pseudo-inverse, no gradient; with a latent prior one decoding and one
    encoding, whose errors add up over the steps. Needs a linear operator.

    Known bias: exact for noiseless data only if the prior's covariance leaves the range of ``A^T`` invariant (for a
    temporal average: a stationary, periodic prior); otherwise the null space does not follow the correction. Noise in
    the observation is reproduced. With the `renoise` kernel, that kernel's tempering comes on top.

    Attributes:
        eps: keep the prior's noise estimate (``original``, as published) or move it along (``consistent``).

    References:
        Wang, Yu and Zhang 2023, algorithm 1.

    Examples:
        ```python
        Diffusion(kernel=RenoiseKernel(fraction=0.85), guidance=DDNMGuidance(), steps=100)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: renoise, fraction: 0.85}, guidance: {use: ddnm}, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{wang2023zero,\n"
        "  title = {Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model},\n"
        "  author = {Wang, Yinhuai and Yu, Jiwen and Zhang, Jian},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2023}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR})

    eps: NoiseEstimate = attrs.field(default="original", validator=literal(NoiseEstimate))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the corrected estimate."""
        prediction = problem.predict(z, level)
        video = problem.decode(prediction.z0)
        residual = problem.observation - problem.linear.forward(video)
        z0 = problem.encode(video + problem.pseudo_inverse(residual))
        guided = prediction.with_clean(z0, level, self.eps)
        return Guided(kernel.step(z, guided, level, target, rng), guided, {"misfit": misfit(residual)})
