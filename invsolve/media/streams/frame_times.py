"""When frames were seen: their rate, where they are equally spaced, and new frames where they are not."""

from fractions import Fraction
from typing import Final, Literal, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from invsolve.video.transfer import in_transfer

Resample = Literal["nearest", "exposure"]

_JITTER: Final = 0.05
"""Steps that differ by this part of the usual step, and by a tick of the clock, count as equal."""


@final
@attrs.frozen
class FrameTimes:
    """When the frames in use begin and end.

    Attributes:
        starts: of the frames in use [s].
        end: of the last one [s].
        tick: of the file's clock [s].
        stated: the rate that the file states for frames at this stride [frames/s], or None.
    """

    starts: tuple[Fraction, ...]
    end: Fraction
    tick: Fraction
    stated: Fraction | None = None

    @property
    def usual_step(self) -> Fraction:
        """The median of the steps [s]; the length of the frame where there is one."""
        steps = sorted(self._steps)
        return steps[len(steps) // 2] if steps else self.end - self.starts[0]

    @property
    def _steps(self) -> list[Fraction]:
        return [later - sooner for sooner, later in zip(self.starts, self.starts[1:], strict=False)]

    @property
    def uneven(self) -> str | None:
        """The first step that differs from the usual one, in words; None where all are equal."""
        usual = self.usual_step
        for number, step in enumerate(self._steps):
            if step <= 0 or abs(step - usual) > self.tick + usual * Fraction(_JITTER):
                return (
                    f"frame {number + 1} comes {_ms(step)} after frame {number}, but the usual step is {_ms(usual)}:"
                    " the frames are not equally spaced in time. Write `frame_rate:` to take them as if they were, or"
                    " `resample: nearest` or `resample: exposure` for frames that are"
                )
        return None

    @property
    def rate(self) -> float | None:
        """Frames per second of equally spaced frames: what the file states, where that fits its times."""
        steps = len(self.starts) - 1
        if steps < 1:
            return float(self.stated) if self.stated else None
        length = self.starts[-1] - self.starts[0]
        if self.stated and abs(steps / self.stated - length) <= self.tick + length / 1000:
            return float(self.stated)
        return float(steps / length) if length > 0 else None

    def resampled(self, video: Tensor, how: Resample, rate: float, transfer: str) -> Tensor:
        """`video` ``b c t h w`` as frames at `rate` from the first frame's start to the last one's end.

        ``nearest``: the frame whose start is nearest. ``exposure``: the mean light while the shutter is open from one
        new frame to the next, where each frame shows until the one after it.
        """
        begin = float(self.starts[0])
        starts = np.array([float(start) - begin for start in self.starts])
        end = float(self.end) - begin
        count = max(1, int(np.floor(end * rate + 1e-6)))
        grid = np.arange(count) / rate
        if how == "nearest":
            nearest = np.abs(starts[None] - grid[:, None]).argmin(axis=1)
            return video[:, :, torch.from_numpy(nearest)]
        weights = torch.from_numpy(_overlaps(starts, end, grid, rate)).to(video)
        light = in_transfer(video, transfer, "linear")
        return in_transfer(torch.einsum("mt,bcthw->bcmhw", weights, light), "linear", transfer)


def _overlaps(
    starts: npt.NDArray[np.float64], end: float, grid: npt.NDArray[np.float64], rate: float
) -> npt.NDArray[np.float64]:
    ends = np.append(starts[1:], max(end, starts[-1]))
    shared = np.minimum(ends[None], (grid + 1 / rate)[:, None]) - np.maximum(starts[None], grid[:, None])
    shared = np.clip(shared, 0, None)
    return np.asarray(shared / np.maximum(shared.sum(axis=1, keepdims=True), 1e-300))


def _ms(step: Fraction) -> str:
    return f"{float(step) * 1000:.4g} ms"
