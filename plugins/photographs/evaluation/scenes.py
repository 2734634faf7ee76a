"""Photographs with the frames behind them: windows of a high-speed video, and pairs of a picture and a clip."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.media import FramesReader, ImageReader, ReadContext, VideoReader
from invsolve_photographs.shaking.generator import GAMMA, exposed


@attrs.frozen(eq=False)
class Scene:
    """A photograph ``1 3 h w`` and its frames ``1 3 t h w``, display values in [0, 1].

    ``around`` are those before and after, where they are known, with the exposure's own in the middle.
    """

    name: str
    photograph: Float[Tensor, "1 3 h w"]
    truth: Float[Tensor, "1 3 t h w"]
    around: Float[Tensor, "1 3 t2 h w"] | None = None


def windows(folder: Path, frames: str, count: int, length: int = 7, beside: int = 3) -> Iterator[Scene]:
    """`count` windows of `length` frames, spread evenly over a folder of frames; their mean in light, rounded down."""
    video = FramesReader(folder, frames=frames, channels="rgb").read(ReadContext()).video
    starts = np.linspace(beside, video.shape[2] - length - beside, count).round().astype(int)
    for start in starts:
        truth = video[:, :, start : start + length]
        levels = (truth[0] * 255).round().to(torch.uint8).transpose(0, 1)
        photograph = exposed(levels, GAMMA).mul(255).floor().div(255)[None]
        around = video[:, :, start - beside : start + length + beside]
        yield Scene(f"window {start}", photograph, truth, around)


def pair(photograph: Path, clip: Path) -> Scene:
    """A photograph and the clip behind it."""
    picture = ImageReader(photograph, channels="rgb").read(ReadContext()).video[:, :, 0]
    truth = VideoReader(clip).read(ReadContext()).video
    return Scene(photograph.stem, picture, truth)
