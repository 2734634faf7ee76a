"""`Sheet`: the frames of a shot as one picture, held in the page itself."""

import base64
import io
import math
from collections.abc import Sequence
from typing import Final, final

import attrs
import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from PIL import Image
from torch import Tensor

from invsolve.report.shot import Shot

MOST_FRAMES: Final = 120  # longer clips are thinned evenly
MOST_SIDE: Final = 1600  # pixels of a frame; larger ones are made smaller
LOSSLESS: Final = 400 * 400  # pixels of a sheet up to which it is kept as PNG
BUDGET: Final = 9_000_000  # bytes of all sheets of a page, a third less than what they take as text
QUALITY: Final = 90
QUANTILE: Final = 0.995  # of all maps: the upper end of their scale
SHRINK: Final = 0.9  # a little more than the size asks for, since small pictures have more in each pixel


@final
@attrs.frozen
class Sheet:
    """What the page's player needs of a shot.

    Attributes:
        name: that of the shot.
        note: that of the shot.
        source: a data URI: the frames row by row, ``columns`` in a row, each ``width x height`` pixels.
        frames: how many there are.
        columns: how many stand in a row.
        width: of a frame [pixels].
        height: of a frame [pixels].
        step: every how many frames of the shot one is kept.
        map: True for a map, in grey.
        highest: the value of a map that is white; 0 is black.
    """

    name: str
    note: str
    source: str
    frames: int
    columns: int
    width: int
    height: int
    step: int
    map: bool
    highest: float


def sheets(shots: Sequence[Shot], budget: int = BUDGET) -> tuple[Sheet, ...]:
    """Encode shots, small ones without loss, larger ones as JPEG; all maps have one scale.

    Args:
        shots: what is shown together.
        budget: bytes that all together may take; where they take more, large frames are made smaller.
    """
    highest = _highest(shots)
    side, found = MOST_SIDE, [_encoded(shot, highest, MOST_SIDE) for shot in shots]
    while (total := sum(len(content) for _, content in found)) > budget and side > 1:
        largest = max(max(sheet.width, sheet.height) for sheet, _ in found)
        side = max(1, int(min(side, largest) * math.sqrt(budget / total) * SHRINK))
        found = [_encoded(shot, highest, side) for shot in shots]
    return tuple(sheet for sheet, _ in found)


def _highest(shots: Sequence[Shot]) -> float:
    values = torch.cat([shot.video.flatten().float().cpu() for shot in shots if shot.map] or [torch.zeros(1)])
    values = values[torch.isfinite(values)]
    if not len(values):
        return 1.0
    return max(1e-6, float(torch.quantile(values[:: max(1, values.numel() // 10**6)], QUANTILE)))


def _encoded(shot: Shot, highest: float, side: int) -> tuple[Sheet, bytes]:
    total = shot.video.shape[1]
    step = -(-total // MOST_FRAMES)
    frames = [Image.fromarray(pixels) for pixels in _pixels(shot.video[:, ::step], highest if shot.map else 1.0)]
    factor = min(1.0, side / max(frames[0].size))
    if factor < 1:
        size = tuple(max(1, round(length * factor)) for length in frames[0].size)
        frames = [frame.resize(size, Image.Resampling.BOX) for frame in frames]  # type: ignore[arg-type]
    width, height = frames[0].size
    columns = math.ceil(math.sqrt(len(frames) * height / width))
    together = Image.new(frames[0].mode, (columns * width, -(-len(frames) // columns) * height))
    for place, frame in enumerate(frames):
        together.paste(frame, (place % columns * width, place // columns * height))
    kind, content = _bytes(together, lossless=together.width * together.height <= LOSSLESS)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    sheet = Sheet(
        name=shot.name,
        note=shot.note,
        source=source,
        frames=len(frames),
        columns=columns,
        width=width,
        height=height,
        step=step,
        map=shot.map,
        highest=highest if shot.map else 1.0,
    )
    return sheet, content


def _pixels(video: Float[Tensor, "c t h w"], highest: float) -> UInt8[ndarray, "t h w *c"]:
    shown = video if video.shape[0] == 3 else video[:1]
    levels = (torch.nan_to_num(shown.detach().float().cpu()) / highest).clamp(0, 1).mul(255).round().byte()
    pixels = levels.permute(1, 2, 3, 0).numpy()
    return np.ascontiguousarray(pixels if pixels.shape[-1] == 3 else pixels[..., 0])


def _bytes(picture: Image.Image, *, lossless: bool) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    if lossless:
        picture.save(buffer, "PNG", compress_level=1)
        return "png", buffer.getvalue()
    picture.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return "jpeg", buffer.getvalue()
