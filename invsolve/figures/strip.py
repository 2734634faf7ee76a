"""`Strip`: frames of a video side by side, one row of a figure."""

from collections.abc import Sequence
from typing import Any, Final, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

MOST_FRAMES: Final = 10
GAP: Final = 0.04  # between frames, in widths of a frame
INCHES: Final = 0.95  # width of a frame


@final
@attrs.frozen(eq=False)
class Strip:
    """A labelled row: a video ``c t h w`` ready for display, or, as a `map`, ``1 t h w`` of errors or spreads."""

    label: str
    video: Float[Tensor, "c t h w"]
    map: bool = False


def shown_frames(frames: int) -> list[int]:
    """Up to 10 frames, evenly from the first to the last."""
    count = min(frames, MOST_FRAMES)
    return [round(i * (frames - 1) / max(1, count - 1)) for i in range(count)]


def draw_strip(axes: Any, strip: Strip, frames: Sequence[int], total: int, highest: float) -> Any:
    """Draw the frames that stand at `frames` of `total`; maps go from 0 to `highest`."""
    count = strip.video.shape[1]
    pictures = [strip.video[:, min(count - 1, frame * count // total)] for frame in frames]
    pixels = _side_by_side(pictures)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_ylabel(strip.label, rotation=0, ha="right", va="center", fontsize=9, labelpad=6)
    if strip.map:
        return axes.imshow(pixels[..., 0], cmap="magma", vmin=0.0, vmax=highest)
    return axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0.0, vmax=1.0)


def highest_of(strips: Sequence[Strip]) -> float:
    """The upper end of all maps' colours: their 99.5 % quantile, so that one bright pixel does not darken the rest."""
    values = torch.cat([strip.video.flatten().float() for strip in strips if strip.map] or [torch.zeros(1)])
    return max(1e-6, float(torch.quantile(values[:: max(1, values.numel() // 10**6)], 0.995)))


def _side_by_side(pictures: Sequence[Float[Tensor, "c h w"]]) -> npt.NDArray[np.float32]:
    """White between the frames; NaN, which is drawn as nothing, between those of a map of one channel."""
    shown = [picture if picture.shape[0] == 3 else picture[:1] for picture in pictures]
    c, h, w = shown[0].shape
    gap = torch.full((c, h, max(1, round(GAP * w))), 1.0 if c == 3 else torch.nan).to(shown[0])
    parts = [part for picture in shown for part in (gap, picture)][1:]
    pixels: npt.NDArray[np.float32] = torch.cat(parts, dim=2).permute(1, 2, 0).float().cpu().numpy()
    return pixels
