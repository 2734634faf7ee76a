"""`Framing`: crop and resize of a video."""

import math
import re
from typing import Any, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, ReadError

_SIZE = re.compile(r"(\d+)x(\d+)")
_CROP = re.compile(r"(\d+)x(\d+)(?:\+(\d+)\+(\d+))?")


@final
@attrs.frozen
class Framing:
    """First ``crop``, then ``size``, then ``longest_side``; each may be None. All in pixels.

    - ``crop``: ``"HxW"`` from the middle, or ``"HxW+TOP+LEFT"``.
    - ``size``: ``"HxW"``: scaled with its proportions kept until it covers that size, and the rest cut off evenly.
    - ``longest_side``: scaled down, with its proportions kept, until neither side is longer; never enlarged.

    Scaling is bicubic, antialiased, and clipped to [0, 1].
    """

    crop: str | None = None
    size: str | None = None
    longest_side: int | None = None

    def apply(self, video: Float[Tensor, "b c t h w"], where: str) -> Float[Tensor, "b c t h2 w2"]:
        """Crop and resize `video`; raises `ReadError` where the crop leaves the picture, which `where` names."""
        if self.crop is not None:
            video = _cropped(video, self.crop, where)
        if self.size is not None:
            height, width = parse_size(self.size)
            video = _covering(video, height, width)
        if self.longest_side is not None:
            factor = self.longest_side / max(video.shape[-2:])
            if factor < 1:
                video = _resized(video, *(max(1, round(side * factor)) for side in video.shape[-2:]))
        return video


def check_size(instance: Any, field: "attrs.Attribute[Any]", value: str | None) -> None:
    """Validate a field ``"HxW"`` (attrs validator)."""
    del instance
    if value is not None:
        parse_size(value, field.name)


def check_crop(instance: Any, _: object, value: str | None) -> None:
    """Validate a field ``crop`` (attrs validator)."""
    del instance
    if value is not None:
        _parse_crop(value)


def parse_size(text: str, name: str = "size") -> tuple[int, int]:
    """Height and width of ``"HxW"``; raises `ComponentError` that calls the field `name`."""
    match = _SIZE.fullmatch(text)
    if match is None or "0" in match.groups():
        raise ComponentError(f"{name} must be 'HEIGHTxWIDTH' in pixels, like '256x384', got {text!r}.")
    return int(match[1]), int(match[2])


def _parse_crop(text: str) -> tuple[int, int, int | None, int | None]:
    match = _CROP.fullmatch(text)
    if match is None or "0" in match.groups()[:2]:
        raise ComponentError(f"crop must be 'HEIGHTxWIDTH' or 'HEIGHTxWIDTH+TOP+LEFT' in pixels, got {text!r}.")
    corner = (int(match[3]), int(match[4])) if match[3] is not None else (None, None)
    return int(match[1]), int(match[2]), *corner


def _cropped(video: Tensor, crop: str, where: str) -> Tensor:
    height, width, top, left = _parse_crop(crop)
    rows, columns = video.shape[-2:]
    top = (rows - height) // 2 if top is None else top
    left = (columns - width) // 2 if left is None else left
    if min(top, left) < 0 or top + height > rows or left + width > columns:
        raise ReadError(f"{where} has {rows}x{columns} pixels (height x width): crop {crop!r} does not fit into it.")
    return video[..., top : top + height, left : left + width]


def _covering(video: Tensor, height: int, width: int) -> Tensor:
    rows, columns = video.shape[-2:]
    factor = max(height / rows, width / columns)
    # ceil, less the rounding of the factor itself, so that the scaled picture never falls a pixel short
    video = _resized(video, *(math.ceil(side * factor - 1e-9) for side in (rows, columns)))
    top, left = (video.shape[-2] - height) // 2, (video.shape[-1] - width) // 2
    return video[..., top : top + height, left : left + width]


def _resized(video: Tensor, height: int, width: int) -> Tensor:
    if video.shape[-2:] == (height, width):
        return video
    b, c, t, h, w = video.shape
    flat = video.reshape(b, c * t, h, w)
    scaled = torch.nn.functional.interpolate(flat, size=(height, width), mode="bicubic", antialias=True)
    return scaled.clamp(0, 1).reshape(b, c, t, height, width)
