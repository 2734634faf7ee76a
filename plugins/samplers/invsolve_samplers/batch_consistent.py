"""`BatchConsistent`: videos from image priors, by noise that the frames share."""

from functools import cached_property
from typing import ClassVar, Final, final

import attrs
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler.guidance import Guidance
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import Spacing
from invsolve.validators import instance, literal, number, whole
from invsolve_samplers.diffusion import Diffusion
from invsolve_samplers.guidance.dds import DDSGuidance
from invsolve_samplers.kernels.renoise import RenoiseKernel
from invsolve_samplers.moves.shared_noise import SharedNoise
from invsolve_samplers.named_diffusion import NamedDiffusion

EQUAL: Final = 1e-4  # frames that differ by less [video units] are the same picture


@final
@attrs.frozen
class BatchConsistent(NamedDiffusion):
    """A diffusion run in which the frames of a video share their noise: ``n_t = sqrt(rho) n_0 + sqrt(1 - rho) n'_t``.

    It is for image priors, applied to each frame (the prior `frame_wise`): equal noise turns them into a prior of still
    videos, and the observation moves what it must. The same as `Diffusion` but for the noise, that of the start
    included.

    Cost of a step: that of the guidance, with one image a frame. Needs what the guidance needs.

    Known bias: what is sampled is no posterior; there is no law of motion in it. With all noise shared, an operator
    that treats all frames alike cannot tell them apart: from the average of ``N`` frames come ``N`` equal frames, each
    of them the blurred picture itself. The run's message says so. Averages of a sliding window, masks and downsampled
    averages that differ from frame to frame do not suffer from it; for a single average lower ``correlation``, at the
    price of frames that flicker, or use a video prior.

    Attributes:
        steps: how many, at least 1.
        correlation: ``rho`` in [0, 1], between the noise of any two frames; 1, as published, shares all of it.
        kernel: those of `Diffusion`.
        guidance: those of `Diffusion`.
        spacing: those of `Diffusion`.
        start: those of `Diffusion`.

    References:
        Kwon and Ye 2024, algorithm 1; the mixture of shared and own noise is ours.

    Examples:
        ```python
        BatchConsistent(steps=20, correlation=1.0)
        ```

        ```yaml
        sampler: {use: batch_consistent, steps: 20, correlation: 1.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{kwon2024solving,\n"
        "  title = {Solving Video Inverse Problems Using Image Diffusion Models},\n"
        "  author = {Kwon, Taesung and Ye, Jong Chul},\n"
        "  year = {2024},\n  eprint = {2409.02574},\n  archivePrefix = {arXiv}\n}",
    )

    steps: int = attrs.field(default=20, validator=whole(least=1))
    correlation: float = attrs.field(default=1.0, validator=[number(least=0.0), number(most=1.0)])
    kernel: Kernel = attrs.field(factory=lambda: RenoiseKernel(fraction=0.15), validator=instance(Kernel))
    guidance: Guidance = attrs.field(factory=DDSGuidance, validator=instance(Guidance))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))
    start: float = attrs.field(default=1.0, validator=[number(above=0.0), number(most=1.0)])

    @cached_property
    def diffusion(self) -> Diffusion:
        """The run whose noise is shared."""
        return Diffusion(self.kernel, self.guidance, self.steps, self.spacing, self.start)

    def randomness(self, rng: Randomness) -> Randomness:
        """Noise that frames share, that of the start included."""
        return SharedNoise(rng, self.correlation)

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """That all frames are equal, where they are."""
        frames = video.shape[2]
        if frames == 1 or float((video - video[:, :, :1]).abs().max()) > EQUAL:
            return ()
        return (
            f"Here the {frames} frames of each sample are all the same: the noise is shared (correlation "
            f"{self.correlation:g}) and {problem.operator} does not tell one frame from another.",
            "Lower sampler.correlation, or use a video prior.",
        )
