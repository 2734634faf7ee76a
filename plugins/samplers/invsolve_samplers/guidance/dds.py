"""`DDSGuidance`: a few conjugate gradient steps towards the observation."""

from typing import ClassVar, final

import attrs
from torch import Tensor

from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.prior.prediction import NoiseEstimate
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance, misfit
from invsolve.sampler.guided import Guided
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve.validators import literal, whole


@final
@attrs.frozen
class DDSGuidance(Guidance):
    """``x0' = x0 + K(A^T A, A^T r)``: some steps of conjugate gradients on ``A^T A x = A^T y`` from ``x0 = D(z0)``.

    They move ``x0`` within the range of ``A^T`` only, along the best observed directions first: with enough of them
    this is `ddnm`, with few the poorly observed directions keep to the prior. It needs no pseudo-inverse, and stopping
    early takes the place of a noise std.

    Cost of a step: one network call, ``iterations`` times operator and adjoint, no gradient; with a latent prior one
    decoding and one encoding. Needs a linear operator.

    Known bias: that of `ddnm`; noise in the observation is reproduced as far as the iterations go.

    Attributes:
        iterations: of conjugate gradients, at least 1. A temporal average is solved in one.
        eps: keep the prior's noise estimate (``original``, as published) or move it along (``consistent``).

    References:
        Chung, Lee and Ye 2024, algorithm 1 without its proximal weight, as Kwon and Ye 2024 use it for videos.

    Examples:
        ```python
        Diffusion(kernel=RenoiseKernel(fraction=0.15), guidance=DDSGuidance(iterations=5), steps=20)
        ```

        ```yaml
        sampler:
          {use: diffusion, kernel: {use: renoise, fraction: 0.15}, guidance: {use: dds, iterations: 5}, steps: 20}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{chung2024decomposed,\n"
        "  title = {Decomposed Diffusion Sampler for Accelerating Large-Scale Inverse Problems},\n"
        "  author = {Chung, Hyungjin and Lee, Suhyeon and Ye, Jong Chul},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2024}\n}",
    )
    requires: ClassVar[frozenset[Requirement]] = frozenset({Requirement.LINEAR})

    iterations: int = attrs.field(default=5, validator=whole(least=1))
    eps: NoiseEstimate = attrs.field(default="original", validator=literal(NoiseEstimate))

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        """The kernel's step with the corrected estimate."""
        prediction = problem.predict(z, level)
        video = problem.decode(prediction.z0)
        residual = problem.observation - problem.linear.forward(video)
        z0 = problem.encode(video + self.correction(problem, residual))
        guided = prediction.with_clean(z0, level, self.eps)
        return Guided(kernel.step(z, guided, level, target, rng), guided, {"misfit": misfit(residual)})

    def correction(self, problem: Problem, residual: Tensor) -> Tensor:
        """The correction that the iterations make to a video whose residual is `residual`."""
        operator = problem.linear
        return conjugate_gradients(
            lambda x: operator.adjoint(operator.forward(x)),
            operator.adjoint(residual),
            iterations=self.iterations,
            strict=False,
        )
