"""`Framing`: crop and resize of a video."""

import math
import re
from typing import Any, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, ReadError
from invsolve.media.formats.stored import Numbers
from invsolve.video.transfer import in_transfer

_SIZE: Final = re.compile(r"(\d+)x(\d+)")
_CROP: Final = re.compile(r"(\d+)x(\d+)(?:\+(\d+)\+(\d+))?")


@final
@attrs.frozen
class Framing:
    """First ``crop``, then ``size``, then ``longest_side``; each may be None. All in pixels.

    Scaling is bicubic, antialiased and in linear light; what it overshoots is clipped to the range of the picture, or
    to [0, 1] where that is wider. Values of an unknown transfer are scaled as they are.

    Attributes:
        crop: ``"HxW"`` from the middle, or ``"HxW+TOP+LEFT"``.
        size: ``"HxW"``: scaled with its proportions kept until it covers that size, and the rest cut off evenly.
        longest_side: scaled down, with its proportions kept, until neither side is longer; never enlarged.
    """

    crop: str | None = None
    size: str | None = None
    longest_side: int | None = None

    def cut(self, pixels: Numbers | None, where: str) -> Any:
        """Crop the pixels ``h w c`` of a picture (None stays None); raises `ReadError` where the crop leaves it."""
        if pixels is None or self.crop is None:
            return pixels
        top, left, height, width = _box(self.crop, pixels.shape[0], pixels.shape[1], where)
        return pixels[top : top + height, left : left + width]

    def scaled(self, video: Float[Tensor, "b c t h w"], transfer: str) -> Float[Tensor, "b c t h2 w2"]:
        """Resize `video`, whose values have the given transfer."""
        target = self._target(video.shape[-2], video.shape[-1])
        if target is None:
            return video
        enlarged, final_size = target
        video = resized(video, *enlarged, transfer)
        top, left = ((side - wanted) // 2 for side, wanted in zip(enlarged, final_size, strict=True))
        return video[..., top : top + final_size[0], left : left + final_size[1]]

    def apply(self, video: Float[Tensor, "b c t h w"], where: str, transfer: str) -> Float[Tensor, "b c t h2 w2"]:
        """Crop and resize `video`; raises `ReadError` where the crop leaves the picture, which `where` names."""
        if self.crop is not None:
            top, left, height, width = _box(self.crop, video.shape[-2], video.shape[-1], where)
            video = video[..., top : top + height, left : left + width]
        return self.scaled(video, transfer)

    def final_size(self, height: int, width: int) -> tuple[int, int]:
        """The size [pixels] that a picture of `height` x `width` ends with."""
        if self.crop is not None:
            height, width = _parse_crop(self.crop)[:2]
        target = self._target(height, width)
        return (height, width) if target is None else target[1]

    def _target(self, height: int, width: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The size to scale to, and the size to cut from its middle."""
        enlarged = final_size = (height, width)
        if self.size is not None:
            final_size = parse_size(self.size)
            enlarged = _covering((height, width), final_size)
        if self.longest_side is not None and (factor := self.longest_side / max(final_size)) < 1:
            smaller = _times(final_size, factor)
            enlarged = _covering(enlarged, smaller) if self.size is not None else smaller
            final_size = smaller
        return None if (height, width) == enlarged == final_size else (enlarged, final_size)


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


def _box(crop: str, rows: int, columns: int, where: str) -> tuple[int, int, int, int]:
    height, width, top, left = _parse_crop(crop)
    top = (rows - height) // 2 if top is None else top
    left = (columns - width) // 2 if left is None else left
    if min(top, left) < 0 or top + height > rows or left + width > columns:
        raise ReadError(f"{where} has {rows}x{columns} pixels (height x width): crop {crop!r} does not fit into it.")
    return top, left, height, width


def _times(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _covering(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    factor = max(wanted[0] / size[0], wanted[1] / size[1])
    # ceil, less the rounding of the factor itself, so that the scaled picture never falls a pixel short
    return math.ceil(size[0] * factor - 1e-9), math.ceil(size[1] * factor - 1e-9)


def resized(video: Tensor, height: int, width: int, transfer: str) -> Tensor:
    """`video` at another size, in linear light where its transfer is known; values that fit stay as they are."""
    b, c, t, h, w = video.shape
    if (h, w) == (height, width):
        return video
    least, most = min(0.0, float(video.min())), max(1.0, float(video.max()))
    light = transfer if transfer == "unknown" else "linear"
    flat = in_transfer(video, transfer, light).reshape(b, c * t, h, w)
    scaled = torch.nn.functional.interpolate(flat, size=(height, width), mode="bicubic", antialias=True)
    return in_transfer(scaled.clamp(least, most).reshape(b, c, t, height, width), light, transfer)
