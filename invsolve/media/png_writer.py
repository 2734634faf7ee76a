"""PNG files of single frames, 8 or 16 bits per value."""

from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.files.atomic import atomic, make_folder
from invsolve.files.needs import needs

EFFORT: Final = 1
"""Of zlib: files are a tenth larger than at its usual 6, and written in a quarter of the time."""

Levels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def to_levels(frames: Float[Tensor, "c t h w"], bits: Literal[8, 16] = 8) -> Levels:
    """Values clipped to [0, 1] and rounded to integers ``t h w c`` of 8 or 16 bits.

    Raises:
        SpaceError: for anything but 1 or 3 channels, which no picture format shows.
    """
    if frames.shape[0] not in (1, 3):
        raise SpaceError(f"a picture has 1 or 3 channels, got {frames.shape[0]} of a video {tuple(frames.shape)}.")
    highest = 2**bits - 1
    scaled = (frames.detach().double().nan_to_num(0.0).clamp(0, 1) * highest).round()
    levels: npt.NDArray[np.float64] = scaled.permute(1, 2, 3, 0).cpu().numpy()
    return levels.astype(np.uint8) if bits == 8 else levels.astype(np.uint16)


def write_png(path: Path, frame: Float[Tensor, "c h w"], *, bits: Literal[8, 16] = 8) -> None:
    """Write one frame with values in [0, 1]; raises `WriteError` where `path` exists or cannot be written."""
    pixels = to_levels(frame[:, None], bits)[0]
    with atomic(path) as temporary:
        if bits == 8:
            picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
            picture.save(temporary, format="PNG", compress_level=EFFORT)
        else:
            # Pillow has no mode for colour of 16 bits
            temporary.write_bytes(_deep_png(pixels.astype(np.uint16)))


def write_frames(folder: Path, video: Float[Tensor, "c t h w"], *, bits: Literal[8, 16] = 8) -> None:
    """Write ``folder/0000.png``, ``0001.png``, ...; the folder is made if it is not there."""
    make_folder(folder)
    for number, frame in enumerate(torch.unbind(video, dim=1)):
        write_png(folder / f"{number:04d}.png", frame, bits=bits)


def _deep_png(pixels: npt.NDArray[np.uint16]) -> bytes:
    needs("av", "a PNG of 16 bits")
    import av

    grey = pixels.shape[-1] == 1
    encoder = av.CodecContext.create("png", "w")
    if not isinstance(encoder, av.VideoCodecContext):
        raise TypeError(f"FFmpeg's png encoder is {encoder!r}")
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt = "gray16be" if grey else "rgb48be"
    source = np.ascontiguousarray(pixels[..., 0] if grey else pixels)
    frame = av.VideoFrame.from_ndarray(source, format="gray16le" if grey else "rgb48le").reformat(
        format=encoder.pix_fmt
    )
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
