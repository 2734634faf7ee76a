"""Metric `frame_parts`: PSNR of the past, the present and the future apart."""

from typing import ClassVar, Final, final

import attrs
import torch

from invsolve.errors import ComponentError
from invsolve.media.frame_range import FrameRange, check_frames
from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.posterior.time_direction import turned

PARTS: Final = ("past", "present", "future")


@final
@attrs.frozen
class FrameParts(Metric):
    """PSNR [dB] over some frames only, in the better direction of time for the whole video.

    Gives ``psnr_past``, ``psnr_present`` and ``psnr_future`` for each sample, and each with ``_mean`` behind it of the
    mean of the samples, which are turned to one direction of time first where the operator is blind to it. The
    direction is the same for all parts, so that past and future are not exchanged at will. Empty without a truth, and
    without the parts that the video has not.

    Attributes:
        past: frames of each part, ``"0..3"`` is frames 0 to 2; null leaves a part out.
        present: frames of each part, ``"0..3"`` is frames 0 to 2; null leaves a part out.
        future: frames of each part, ``"0..3"`` is frames 0 to 2; null leaves a part out.

    Raises:
        ComponentError: without any part, and for ranges that are none.

    Examples:
        ```python
        FrameParts(past="0..3", present="3..10", future="10..13")
        ```

        ```yaml
        metrics: [{use: frame_parts, past: 0..3, present: 3..10, future: 10..13}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = tuple(
        score
        for part in PARTS
        for score in (
            Score(f"psnr_{part}", f"PSNR, {part}", "dB", decimals=2, better="higher"),
            Score(f"psnr_{part}_mean", f"{part}, of mean", "dB", decimals=2, better="higher", tables=("clips",)),
        )
    )

    past: str | None = attrs.field(default=None, validator=check_frames)
    present: str | None = attrs.field(default=None, validator=check_frames)
    future: str | None = attrs.field(default=None, validator=check_frames)

    def __attrs_post_init__(self) -> None:
        if not self._named:
            raise ComponentError("frame_parts names at least one part, such as `past: 0..3`.")

    @property
    def _named(self) -> dict[str, FrameRange]:
        given = zip(PARTS, (self.past, self.present, self.future), strict=True)
        return {part: FrameRange.parse(frames) for part, frames in given if frames is not None}

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios in dB."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        facing = turned(reconstruction.video, truth)
        mean = turned(reconstruction.facing.mean(0, keepdim=True), truth)[0]
        values: dict[str, float | list[float]] = {}
        for part, frames in self._named.items():
            chosen = [i for i in range(truth.shape[2]) if i in frames]
            if not chosen:
                continue
            which = torch.tensor(chosen, device=truth.device)
            shown = truth.index_select(2, which)
            values[f"psnr_{part}"] = [psnr(sample.index_select(2, which), shown) for sample in facing]
            values[f"psnr_{part}_mean"] = psnr(mean.index_select(2, which), shown)
        return values
