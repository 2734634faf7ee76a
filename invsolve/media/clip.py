"""`decode_clip`: frames of a video file, upright, as float32 in [0, 1]."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import final

import attrs
import av
import numpy as np
import numpy.typing as npt
import torch
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.media.frame_range import FrameRange
from invsolve.media.framing import Framing
from invsolve.media.picture import Channels, as_video, with_channels
from invsolve.media.source import require_file
from invsolve.media.values import to_unit

LARGEST = 8 * 2**30
HDR_TRANSFERS = {16: "PQ", 18: "HLG"}


@final
@attrs.frozen(eq=False)
class Clip:
    """Decoded frames ``1 c t h w``, their rate [frames/s] (None if the file has none), and the transfer of the file."""

    video: Float[Tensor, "1 c t h w"]
    frame_rate: float | None
    transfer: str


def decode_clip(path: Path, frames: FrameRange, framing: Framing, channels: Channels) -> Clip:
    """Decode the chosen frames one by one, each cropped and scaled before the next: memory holds the result only.

    Raises `ReadError` for a file that is missing, no video, without frames, cut short, shorter than `frames`, or whose
    frames would take more than 8 GiB.
    """
    require_file(path)
    try:
        with av.open(str(path)) as container:
            return _decode(container, path, frames, framing, channels)
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is not a video that can be read, or is damaged: {error.strerror}.") from error


def count_frames(path: Path) -> int:
    """How many frames a video file has: as it says, else as they are decoded; raises `ReadError` as `decode_clip`."""
    require_file(path)
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ReadError(f"{path} has no pictures: its streams are {[s.type for s in container.streams]}.")
            stream = container.streams.video[0]
            return stream.frames or sum(1 for _ in _intact(container, stream, path))
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is not a video that can be read, or is damaged: {error.strerror}.") from error


def _decode(container: InputContainer, path: Path, frames: FrameRange, framing: Framing, channels: Channels) -> Clip:
    if not container.streams.video:
        raise ReadError(f"{path} has no pictures: its streams are {[s.type for s in container.streams]}.")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    kept: list[Tensor] = []
    count = 0
    transfer = "srgb"
    for frame in _intact(container, stream, path):
        if frames.is_past(count):
            break
        if count in frames:
            picture = framing.apply(as_video(with_channels(_values(frame, path), channels)), f"frame {count} of {path}")
            _check_size(picture, kept, path)
            kept.append(picture)
            transfer = "unknown" if frame.color_trc in HDR_TRANSFERS else "srgb"
        count += 1
    if count == 0:
        raise ReadError(f"{path} is a video without a single frame.")
    frames.check(count, str(path))
    rate = stream.average_rate or stream.guessed_rate
    return Clip(torch.cat(kept, dim=2), _rate(rate, frames.stride), transfer)


def _intact(container: InputContainer, stream: VideoStream, path: Path) -> Iterator[VideoFrame]:
    decoded = 0
    for packet in container.demux(stream):
        damaged = packet.is_corrupt
        for frame in [] if damaged else packet.decode():
            damaged = frame.is_corrupt
            if damaged:
                break
            yield frame
            decoded += 1
        if damaged:
            raise ReadError(
                f"{path} is damaged or cut short after frame {decoded - 1}."
                + (f" Get a complete copy, or use the intact part: `frames: 0..{decoded}`." if decoded else "")
            )


def _values(frame: VideoFrame, path: Path) -> npt.NDArray[np.float32]:
    grey = frame.format.name.startswith("gray")
    deep = max(component.bits for component in frame.format.components) > 8
    pixels = frame.to_ndarray(format=("gray" + "16le" * deep) if grey else ("rgb48le" if deep else "rgb24"))
    pixels = np.rot90(pixels, round(frame.rotation / 90) % 4, axes=(0, 1))
    return to_unit(pixels[..., None] if grey else pixels, str(path))


def _check_size(picture: Tensor, kept: list[Tensor], path: Path) -> None:
    if kept and picture.shape != kept[0].shape:
        sizes = " to ".join(f"{h}x{w}" for *_, h, w in (kept[0].shape, picture.shape))
        raise ReadError(f"{path} changes its size from {sizes} (height x width). Write `size: HxW`.")
    if (len(kept) + 1) * picture.numel() * picture.element_size() > LARGEST:
        raise ReadError(
            f"{path} takes more than {LARGEST >> 30} GiB of memory after {len(kept)} frames of"
            f" {picture.shape[-2]}x{picture.shape[-1]}. Choose `frames: 0..16`, `stride`, `crop`, `size` or"
            " `longest_side`."
        )


def _rate(rate: Fraction | None, stride: int) -> float | None:
    return float(rate / stride) if rate else None
