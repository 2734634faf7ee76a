"""mp4 files (H.264)."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import WriteError
from invsolve.files.atomic import atomic
from invsolve.media.png_writer import to_levels

SRGB_TRANSFER: Final = 13
"""The transfer characteristics of IEC 61966-2-1 in ITU-T H.273."""

EXACT: Final = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
"""Without these flags FFmpeg writes colours a quarter of a level too dark."""

DEFAULT_RATE: Final = 10.0
"""Frames per second of a video whose space has no frame rate."""


def write_video(path: Path, video: Float[Tensor, "c t h w"], *, frame_rate: float | None = None) -> None:
    """Write an H.264 file with values clipped to [0, 1], at `frame_rate` [frames/s], or 10 where it is unknown.

    H.264 in 4:2:0 wants even sides: an odd one is padded by repeating the last row or column.

    Raises:
        WriteError: where `path` exists or cannot be written.
    """
    pixels = to_levels(video).astype(np.uint8, copy=False)
    pixels = np.pad(pixels, ((0, 0), (0, pixels.shape[1] % 2), (0, pixels.shape[2] % 2), (0, 0)), mode="edge")
    pixels = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
    with atomic(path) as temporary:
        try:
            _encode(temporary, pixels, _fraction(frame_rate or DEFAULT_RATE))
        except av.error.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise WriteError(f"{path} could not be encoded: {error}.") from error


def _fraction(rate: float) -> Fraction:
    """The rate as a ratio of small whole numbers, as containers keep it: 30000/1001, 1/3600."""
    return Fraction(rate).limit_denominator(1001) if rate >= 1 else 1 / Fraction(1 / rate).limit_denominator(1001)


def _encode(path: Path, pixels: npt.NDArray[np.uint8], rate: Fraction) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "14", "preset": "medium"})
        stream.height, stream.width = pixels.shape[1:3]
        stream.pix_fmt = "yuv420p"
        # players assume BT.709 for sizes like these only if told so
        stream.codec_context.colorspace = 1
        stream.codec_context.color_primaries = 1
        stream.codec_context.color_trc = SRGB_TRANSFER
        stream.codec_context.color_range = 1
        for picture in pixels:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            stream_frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", interpolation=EXACT)
            container.mux(stream.encode(stream_frame))
        container.mux(stream.encode(None))
