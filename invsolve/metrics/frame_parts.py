"""Metric `frame_parts`: PSNR of named parts of a video, such as the past, the present and the future."""

from collections.abc import Mapping
from typing import final

import attrs
import torch

from invsolve.errors import ComponentError
from invsolve.media.frame_range import FrameRange
from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.posterior.time_direction import turned


def _named(_: object, __: object, value: Mapping[str, str]) -> None:
    if not value:
        raise ComponentError("`parts` names at least one part, such as `past: 0..3`.")
    for name, frames in value.items():
        FrameRange.parse(frames)
        if not name.isidentifier():
            raise ComponentError(f"a part's name is a word of letters, digits and '_', got {name!r}.")


@final
@attrs.frozen
class FrameParts(Metric):
    """PSNR [dB] over some frames only, in the better direction of time for the whole video.

    Gives ``psnr_<part>`` for each sample, and ``psnr_<part>_mean`` of the mean of the samples, which are turned to one
    direction of time first where the operator is blind to it. Where parts lie outside of the exposure, the direction of
    time is the same for all of them, so that past and future are not exchanged at will. Empty without a truth, and
    without the parts that the video has not.

    - ``parts``: frames of each part by its name: ``"0..3"`` is frames 0 to 2.

    Raises `ComponentError` for parts without a name, and for ranges that are none.

    ```python
    FrameParts(parts={"past": "0..3", "present": "3..10", "future": "10..13"})
    ```
    ```yaml
    metrics: [{use: frame_parts, parts: {past: 0..3, present: 3..10, future: 10..13}}]
    ```
    """

    parts: Mapping[str, str] = attrs.field(validator=_named)

    @property
    def scores(self) -> tuple[Score, ...]:  # type: ignore[override]  # read-only, and known only with the parts
        """A column for each part, and one for its mean."""
        return tuple(
            score
            for name in self.parts
            for score in (
                Score(f"psnr_{name}", f"PSNR, {name}", "dB", decimals=2, better="higher"),
                Score(f"psnr_{name}_mean", f"{name}, of mean", "dB", decimals=2, better="higher", tables=("clips",)),
            )
        )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The ratios in dB."""
        truth = reconstruction.comparable_truth
        if truth is None:
            return {}
        facing = turned(reconstruction.video, truth)
        mean = turned(reconstruction.facing.mean(0, keepdim=True), truth)[0]
        values: dict[str, float | list[float]] = {}
        for name, frames in self.parts.items():
            chosen = [i for i in range(truth.shape[2]) if i in FrameRange.parse(frames)]
            if not chosen:
                continue
            which = torch.tensor(chosen, device=truth.device)
            shown = truth.index_select(2, which)
            values[f"psnr_{name}"] = [psnr(sample.index_select(2, which), shown) for sample in facing]
            values[f"psnr_{name}_mean"] = psnr(mean.index_select(2, which), shown)
        return values
