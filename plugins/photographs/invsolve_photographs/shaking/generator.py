"""`ExampleGenerator`: numbered examples, synthetic and from real high-speed videos."""

from typing import final

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from invsolve.motion.optical_flow import Flow
from invsolve.training import numbers
from invsolve_photographs.shaking.example import FRAMES, Example
from invsolve_photographs.shaking.shaken_patch import ShakenPatch
from invsolve_photographs.shaking.wear import Wear

GAMMA = 2.2
MARGIN = 24  # pixels around a patch of a real video that its flow is found with


@final
@attrs.frozen(eq=False)
class ExampleGenerator:
    """Example `k` depends on the seed and on ``k`` alone.

    Attributes:
        patch: synthetic motion.
        wear: what happens to the photographs.
        video: frames of a high-speed video, ``t 3 h w`` in 8 bits, whose windows of 7 frames are the share ``real`` of
            the examples; half of them take every second frame. ``flow`` finds their motion.
        frame_noise: std of each frame's noise is up to this, in 8-bit values.
    """

    patch: ShakenPatch
    wear: Wear
    seed: int
    video: UInt8[Tensor, "t 3 h w"] | None = None
    flow: Flow | None = None
    real: float = 0.25
    frame_noise: float = 2.0

    def example(self, number: int) -> Example:
        """Example `number`."""
        # a training step's precision is no matter of its data
        with torch.autocast("cpu", enabled=False):
            return self._drawn(numbers(self.seed, "photograph", number))

    def _drawn(self, rng: np.random.Generator) -> Example:
        if self.video is not None and self.flow is not None and rng.random() < self.real:
            return self._real(rng, self.video, self.flow)
        linear, motion = self.patch.draw(rng)
        frames = linear.pow(1 / GAMMA).mul(255).transpose(0, 1)
        grain = torch.from_numpy(rng.standard_normal(tuple(frames.shape), dtype=np.float32))
        frames = (frames + self.frame_noise * float(rng.random()) * grain).round().clamp(0, 255).to(torch.uint8)
        return Example(self.wear.applied(rng, exposed(frames, _response(rng))), frames, motion)

    def _real(self, rng: np.random.Generator, video: UInt8[Tensor, "t 3 h w"], flow: Flow) -> Example:
        side, step = self.patch.side, int(rng.integers(1, 3))
        step = step if len(video) > step * (FRAMES - 1) else 1
        first = int(rng.integers(len(video) - step * (FRAMES - 1)))
        window = video[first : first + step * FRAMES : step]
        # what lies between taken frames exposed the photograph as well
        exposing = video[first : first + step * (FRAMES - 1) + 1]
        height, width = video.shape[-2:]
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        rows, columns = _around(top, side, height), _around(left, side, width)
        motion = self._motion(window[..., rows, columns], flow)
        motion = motion[
            ..., top - rows.start : top - rows.start + side, left - columns.start : left - columns.start + side
        ]
        here = (..., slice(top, top + side), slice(left, left + side))
        blurred = self.wear.applied(rng, exposed(exposing[here], GAMMA))
        return Example(blurred, window[here].contiguous(), F.avg_pool2d(motion, 4))

    def _motion(self, window: UInt8[Tensor, "t 3 h w"], flow: Flow) -> Float[Tensor, "2 t h w"]:
        pictures = window.float() / 255
        middle = pictures[FRAMES // 2 : FRAMES // 2 + 1].expand_as(pictures)
        # frame_t(x) = middle(x + d): the flow from frame t to the middle
        found = flow.between(pictures, middle)[0]
        found[FRAMES // 2] = 0
        return found.transpose(0, 1)


def exposed(frames: UInt8[Tensor, "t 3 h w"], gamma: float) -> Float[Tensor, "3 h w"]:
    """The mean of `frames` in the light of `gamma`, in display values in [0, 1]."""
    return (frames.float() / 255).pow(gamma).mean(0).pow(1 / gamma)


def _response(rng: np.random.Generator) -> float:
    return float(1.8 + 0.8 * rng.random()) if rng.random() < 0.3 else GAMMA


def _around(start: int, side: int, length: int) -> slice:
    return slice(max(0, start - MARGIN), min(length, start + side + MARGIN))
