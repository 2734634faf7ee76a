"""Reader `simulate`: an observation made from a sharp clip."""

from typing import final

import attrs
import torch

from invsolve.errors import ReadError
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.media.reader import ReadContext, Reader, read_from
from invsolve.media.recording import Recording
from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.operator.pipeline import pipeline
from invsolve.randomness import SeededRandomness
from invsolve.returned import check_instance, check_tensor
from invsolve.validators import optional, whole
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class SimulateReader(Reader):
    """``y = A(x) + noise`` of a sharp clip ``x``, which is kept as the truth; ``b c t h w``, float32.

    The noise is drawn from the seed, apart from the draws of every sampler: the same seed, the same observation.

    Attributes:
        from_: the reader of the sharp clip (``from:`` in recipes).
        frames: of the sharp clip: ``"0..16"`` is frames 0 to 15, ``16`` the first 16; by default all.
        operator: what degrades it, in the order of action; by default the recipe's own chain. Another one makes a study
            of model mismatch.
        truth_stride: keep only every n-th sharp frame as the truth, from the first on, at least 1: for a solution at a
            coarser clock than that of the exposure.
        noise: by default the recipe's.
        seed: of the noise; by default the recipe's.

    Raises:
        ReadError: outside of a recipe without an ``operator``, and whatever the inner reader raises.
        SpaceError: where the clip does not fit the operator.

    Examples:
        ```python
        reader = SimulateReader(from_=SampleReader(name="coffee"))
        recording = read_from(reader, ReadContext(operator=blur, noise=GaussianNoise(std=0.01), seed=0))
        ```

        ```yaml
        input: {read: simulate, from: {read: sample, name: coffee}}
        ```
    """

    from_: Reader
    frames: int | str | None = attrs.field(default=None, validator=check_frames)
    operator: tuple[Operator, ...] | None = None
    truth_stride: int = attrs.field(default=1, validator=whole(least=1))
    noise: Noise | None = None
    seed: int | None = attrs.field(default=None, validator=optional(whole(least=0)))

    def read(self, context: ReadContext) -> Recording:
        """Read the sharp clip and degrade it."""
        operator = pipeline(*self.operator) if self.operator else context.operator
        noise = self.noise or context.noise
        seed = context.seed if self.seed is None else self.seed
        if operator is None:
            raise ReadError("`read: simulate` needs an operator: none is given, neither here nor by the recipe.")
        sharp = read_from(self.from_, context)
        chosen = FrameRange.parse(self.frames).indices(sharp.space.frames, f"{sharp.name!r}")
        exposed = sharp.video[:, :, chosen.start : chosen.stop]
        exposed_space = attrs.evolve(sharp.space, frames=len(chosen))
        space = operator.output_space(exposed_space)
        check_instance(operator, "output_space", space, VideoSpace)
        with torch.no_grad():
            mean = operator.forward(exposed)
            check_tensor(operator, "forward", mean, (len(exposed), *space.shape), exposed.dtype)
            trajectories = tuple((observation, 0) for observation in range(len(mean)))
            rng = SeededRandomness(seed, trajectories=trajectories, purpose="observation")
            video = mean if noise is None else noise.sample(mean, rng)
        if noise is not None:
            check_tensor(noise, "sample", video, mean.shape, mean.dtype)
        truth = exposed[:, :, :: self.truth_stride]
        rate = None if sharp.space.frame_rate is None else sharp.space.frame_rate / self.truth_stride
        truth_space = attrs.evolve(exposed_space, frames=truth.shape[2], frame_rate=rate)
        return Recording(
            video=video,
            space=space,
            name=sharp.name,
            sha256=sharp.sha256,
            truth=truth,
            truth_space=truth_space,
            notes=sharp.notes,
        )
