"""`Wear`: what happens to a photograph after its exposure."""

import io
from typing import Any, final

import attrs
import av
import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from invsolve_photographs.shaking.shaken_patch import softened

Pixels = UInt8[np.ndarray[Any, Any], "h w 3"]


@final
@attrs.frozen
class Wear:
    """Noise, sharpening by the camera, JPEG and H.264, each with a chance of its own.

    Attributes:
        noise: std up to 3/255.
        sharpening: up to 1.2 times what a Gaussian of 0.6 to 1.4 pixels takes away.
        jpeg: quality 60 to 97.
        h264: constant rate factor 16 to 30.
    """

    noise: float = 0.4
    sharpening: float = 0.2
    jpeg: float = 0.35
    h264: float = 0.1

    def applied(self, rng: np.random.Generator, picture: Float[Tensor, "3 h w"]) -> UInt8[Tensor, "3 h w"]:
        """`picture`, display values in [0, 1], after all that, in 8 bits."""
        if rng.random() < self.noise:
            grain = rng.standard_normal(tuple(picture.shape), dtype=np.float32)
            picture = picture + float(3 / 255 * rng.random()) * torch.from_numpy(grain)
        if rng.random() < self.sharpening:
            picture = picture + 1.2 * rng.random() * (picture - softened(picture, 0.6 + 0.8 * rng.random()))
        pixels = (picture.clamp(0, 1) * 255).floor().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
        if rng.random() < self.jpeg:
            pixels = _jpeg(pixels, int(rng.integers(60, 98)))
        if rng.random() < self.h264:
            pixels = _h264(pixels, int(rng.integers(16, 31)))
        return torch.from_numpy(np.array(pixels.transpose(2, 0, 1)))


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored).convert("RGB"))


def _h264(pixels: Pixels, rate_factor: int) -> Pixels:
    stored = io.BytesIO()
    with av.open(stored, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=24, options={"crf": str(rate_factor), "preset": "veryfast"})
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "yuv420p"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")), *stream.encode()]:
            container.mux(packet)
    stored.seek(0)
    with av.open(stored, "r") as read:
        return next(frame.to_ndarray(format="rgb24") for frame in read.decode(video=0))
