"""Animated GIF, PNG and WebP pictures, and stacks of TIFF pages, as clips."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from invsolve.errors import ReadError
from invsolve.media.clip import Clip
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.pillow_picture import ANIMATED, open_picture, quiet
from invsolve.media.formats.png_chunks import read_light
from invsolve.media.formats.stored import Numbers, Stored
from invsolve.media.formats.tiff import count_pages, read_pages
from invsolve.media.frame_range import FrameRange
from invsolve.media.framing import Framing
from invsolve.media.memory_limit import require_room
from invsolve.media.picture import Picture, as_picture, read_picture
from invsolve.media.streams.frame_times import FrameTimes
from invsolve.media.streams.gif_blocks import count_pictures
from invsolve.media.streams.taking import ClipTaking
from invsolve.video.primaries import SRGB

_TICKS: Final = {"GIF": Fraction(1, 100)}
_TICK: Final = Fraction(1, 1000)


def is_animation(path: Path) -> bool:
    """True if Pillow knows the file as a moving picture of an animated format; raises `ReadError` for damage."""
    with path.open("rb") as stream, quiet(), decoding(path, "Pillow"):
        try:
            image = open_picture(stream)
        except UnidentifiedImageError:
            return False
        with image:
            return image.format in ANIMATED and getattr(image, "n_frames", 1) > 1


def decode_animation(path: Path, frames: FrameRange, framing: Framing, taking: ClipTaking) -> Clip:
    """The frames that a viewer would show, with the times for which they are shown.

    Raises:
        ReadError: for damage, for files shorter than `frames`, and for transparency without a choice.
    """
    with path.open("rb") as stream, quiet(), decoding(path, "Pillow"), open_picture(stream) as image:
        format_, count = str(image.format), int(getattr(image, "n_frames", 1))
        light = read_light(path) if format_ == "PNG" else None
        if format_ == "GIF" and count_pictures(path) != count:
            raise ReadError(f"{path} is damaged: it lists more pictures than can be decoded. Get a complete copy.")
        chosen = frames.indices(count, str(path))
        room = framing.final_size(image.height, image.width)
        require_room(path, (len(chosen), *room, 3), 4, "Choose `frames: 0..16`, `stride`, `crop` or `size`.")
        pictures, starts, now = [], [], Fraction(0)
        durations: list[Fraction] = []
        for number in range(chosen[-1] + 1):
            image.seek(number)
            image.load()
            if number in chosen:
                starts.append(now)
                pixels, opacity = _layers(image)
                stored = Stored(
                    pixels=pixels,
                    opacity=opacity,
                    format=format_,
                    transfer=light.transfer if light else None,
                    primaries=light.primaries if light else None,
                    icc=light.icc if light else image.info.get("icc_profile"),
                )
                pictures.append(as_picture(stored, path, taking.of_pictures, framing))
            durations.append(Fraction(image.info.get("duration") or 0).limit_denominator(100_000) / 1000)
            now += durations[-1]
    if not any(durations):
        return _clip(pictures, taking, frames, None)
    times = FrameTimes(tuple(starts), now, _TICKS.get(format_, _TICK))
    return _clip(pictures, taking, frames, times)


def animation_facts(path: Path) -> dict[str, Any]:
    """What an animated picture is taken for, with its times [s]; raises `ReadError` for damage."""
    starts, now = [], Fraction(0)
    with path.open("rb") as stream, quiet(), decoding(path, "Pillow"), open_picture(stream) as image:
        format_, count = str(image.format), int(getattr(image, "n_frames", 1))
        for number in range(count):
            image.seek(number)
            # WebP says how long a picture is shown once it is decoded
            image.load()
            starts.append(now)
            now += Fraction(image.info.get("duration") or 0).limit_denominator(100_000) / 1000
        height, width, alpha = image.height, image.width, image.has_transparency_data
    times = FrameTimes(tuple(starts), now, _TICKS.get(format_, _TICK))
    uneven = times.uneven if now else None
    return {
        "read": "video",
        "format": f"animated {format_}",
        "height": height,
        "width": width,
        "bits": 8,
        "alpha": alpha,
        "transfer": SRGB,
        "guessed": ["transfer"],
        "frames": count,
        "frame_rate": times.rate if now and uneven is None else None,
        "first_times": str([round(float(start), 6) for start in starts[:6]]),
        "notes": [uneven] if uneven else [],
    }


def decode_pages(path: Path, frames: FrameRange, framing: Framing, taking: ClipTaking) -> Clip:
    """The pages of a TIFF file as frames; their rate is known where ImageJ wrote it."""
    chosen = frames.indices(count_pages(path), str(path))
    pages = read_pages(path, chosen, as_frames=taking.pages == "frames")
    pictures = [as_picture(page, path, taking.of_pictures, framing) for page in pages.pages]
    clip = _clip(pictures, taking, frames, None)
    rate = taking.frame_rate or pages.frame_rate
    return Clip(clip.video, None if rate is None else rate / frames.stride, clip.transfer, None, clip.notes)


def still_clip(path: Path, frames: FrameRange, framing: Framing, taking: ClipTaking) -> Clip:
    """A still picture as a clip of one frame."""
    frames.check(1, str(path))
    return _clip([read_picture(path, taking.of_pictures, framing)], taking, frames, None)


def _layers(image: Image.Image) -> tuple[Numbers, Numbers]:
    grey = image.mode in ("1", "L", "LA")
    pixels = np.asarray(image.convert("LA" if grey else "RGBA"))
    return pixels[..., :-1], pixels[..., -1:]


def _clip(pictures: list[Picture], taking: ClipTaking, frames: FrameRange, times: FrameTimes | None) -> Clip:
    first = pictures[0]
    # a palette of greys in one frame and of colours in the next
    channels = max(picture.video.shape[1] for picture in pictures)
    video = torch.cat([picture.video.expand(-1, channels, -1, -1, -1) for picture in pictures], dim=2)
    notes = first.notes
    if times is None:
        rate = None if taking.frame_rate is None else taking.frame_rate / frames.stride
        return Clip(video, rate, first.transfer, None, notes)
    if taking.resample is not None:
        rate = taking.frame_rate or float(1 / times.usual_step)
        return Clip(times.resampled(video, taking.resample, rate, first.transfer), rate, first.transfer, None, notes)
    if taking.frame_rate is not None:
        return Clip(video, taking.frame_rate / frames.stride, first.transfer, None, notes)
    if times.uneven is not None:
        return Clip(video, None, first.transfer, times.uneven, (*notes, times.uneven))
    rate = times.rate if len(times.starts) > 1 else float(1 / times.usual_step) / frames.stride
    return Clip(video, rate, first.transfer, None, notes)
