"""Colours by their ICC profile, through LittleCMS in float."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from invsolve.media.formats.decoding import decoding
from invsolve.video.curve import SRGB as SRGB_CURVE
from invsolve.video.primaries import PRIMARIES, SRGB

Pixels = npt.NDArray[np.float32]

_SPACES: Final = {b"RGB ": ("rgb", 3), b"GRAY": ("gray", 1), b"CMYK": ("cmyk", 4)}
# a quarter of a step of 8 bits: profiles that say sRGB differ from it by their tables' rounding
_SAME: Final = 0.25 / 255


def from_icc(pixels: Pixels, profile: bytes, path: Path) -> tuple[Pixels, str]:
    """Pixels ``h w c`` in [0, 1] as sRGB's mixture of colours, and their transfer.

    That is ``linear`` for a profile in linear light and ``srgb`` otherwise; a profile that is sRGB's leaves every value
    as it is. A profile that does not fit the number of channels says nothing. Colours are relative to white, and what
    sRGB cannot show is clipped. CMYK becomes RGB, and grey stays grey.

    Raises:
        ReadError: for a profile that LittleCMS cannot use.
    """
    space, channels = _SPACES.get(profile[16:20], ("", 0))
    c = pixels.shape[-1]
    if channels != c and (channels, c) != (3, 1):
        return pixels, "srgb"
    with decoding(path, "LittleCMS"):
        if c == 4:
            return _encoded(_linear(pixels, profile, space)), "srgb"
        ramp = _grid(channels)
        light = _linear(ramp, profile, space)
        if np.abs(light - ramp).max() < _SAME:
            return pixels, "linear"
        if np.abs(_encoded(light) - ramp).max() < _SAME:
            return pixels, "srgb"
        linear = _linear(np.repeat(pixels, 3, axis=-1) if c < channels else pixels, profile, space)
        linear = linear[..., 1:2] if c < channels else linear
        keeps = np.abs(light - ramp)[:17].max() < _SAME
    return (np.clip(linear, 0, 1), "linear") if keeps else (_encoded(linear), "srgb")


def _grid(channels: int) -> Pixels:
    """A ramp of greys (the first 17), and for colours the corners and middles of the cube, ``n 1 c``."""
    ramp = np.linspace(0, 1, 17, dtype=np.float32)[:, None, None]
    if channels == 1:
        return ramp
    cube = np.stack(np.meshgrid(*[[0.05, 0.5, 0.95]] * 3, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    return np.concatenate([np.repeat(ramp, 3, axis=-1), cube.astype(np.float32)])


def _linear(pixels: Pixels, profile: bytes, space: str) -> Pixels:
    import imagecodecs

    red, green, blue, white = PRIMARIES[SRGB]
    ours = imagecodecs.cms_profile(
        "rgb", whitepoint=[*white, 1.0], primaries=[*red, 1.0, *green, 1.0, *blue, 1.0], gamma=1.0
    )
    source = np.ascontiguousarray(pixels[..., 0] if space == "gray" else pixels)
    light = imagecodecs.cms_transform(
        source, profile, ours, colorspace=space, outcolorspace="rgb", outdtype=np.float32, intent=1
    )
    return np.asarray(light[..., :1] if space == "gray" else light, dtype=np.float32)


def _encoded(linear: Pixels) -> Pixels:
    return SRGB_CURVE.encode(torch.from_numpy(np.clip(linear, 0, 1))).numpy()
