"""`inspect`: what a file is taken for, as plain data and on one screen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from invsolve.errors import ReadError
from invsolve.media.formats.stored import Stored
from invsolve.media.picture import SUFFIXES, read_stored
from invsolve.media.source import require_file
from invsolve.media.streams.frame_times import FrameTimes
from invsolve.media.streams.orientation import display_matrix
from invsolve.media.streams.planes import planes_of
from invsolve.media.streams.stream import capture_rate, chosen_stream, count_stated, stated_rate
from invsolve.media.streams.stream_light import Claims, light_of
from invsolve.video.primaries import SRGB, Chromaticities, named

Facts = dict[str, Any]

_ARRAYS: Final = {b"PK\x03\x04": "npz", b"\x93NUM": "npz", b"\x89HDF": "netcdf"}


def inspect(path: Path) -> Facts:
    """What a picture, video or array file is taken for: size, light, times, geometry, guesses, and how to read it.

    Raises `ReadError` for a file that is missing, damaged, or of no known kind.
    """
    require_file(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    facts: Facts = {"file": str(path), "bytes": path.stat().st_size}
    if (reader := _ARRAYS.get(head[:4])) is not None:
        return facts | {"read": reader} | _arrays(path, reader)
    try:
        return facts | _pages(path) | _picture(read_stored(path, 0))
    except ReadError as error:
        if "is not a picture" not in str(error) and "animation" not in str(error):
            raise
        no_picture = error
    try:
        return facts | _clip(path)
    except ReadError:
        # of a file that bears a picture's name, what it is as a picture is what its owner asks
        if path.suffix.lower() in SUFFIXES:
            raise no_picture from None
        raise


def described(facts: Mapping[str, Any]) -> str:
    """The facts on one screen, a line each."""
    width = max(map(len, facts))
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            lines += [f"{name if not number else '':{width}}  {item}" for number, item in enumerate(value)]
        else:
            lines.append(f"{name:{width}}  {'-' if value is None else value}")
    return "\n".join(lines)


def _picture(stored: Stored) -> Facts:
    h, w, c = stored.pixels.shape
    guessed = [] if stored.transfer or stored.icc else ["transfer"]
    profiled = stored.icc is not None
    return {
        "format": stored.format,
        "height": h,
        "width": w,
        "channels": c,
        "numbers": str(stored.pixels.dtype),
        "bits": stored.bits,
        "alpha": stored.opacity is not None,
        "transfer": "by its ICC profile" if profiled else stored.transfer or SRGB,
        "primaries": "by its ICC profile" if profiled else _primaries(stored.primaries),
        "guessed": guessed,
        "notes": list(stored.notes),
    }


def _pages(path: Path) -> Facts:
    from invsolve.media.formats import tiff

    with path.open("rb") as stream:
        head = stream.read(4)
    if not tiff.is_tiff(head) or tiff.is_mosaic(path):
        return {"read": "image"}
    count = tiff.count_pages(path)
    return {"read": "image" if count == 1 else "video, or image with page", "pages": count}


def _clip(path: Path) -> Facts:
    from invsolve.media.streams import animation

    if animation.is_animation(path):
        return animation.animation_facts(path)
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = chosen_stream(container, None, path)
            tick = stream.time_base
            shown = sorted(packet.pts for packet in container.demux(stream) if packet.size and packet.pts is not None)
            container.seek(0)
            frame = next(container.decode(stream), None)
            if frame is None:
                raise ReadError(f"{path} is a video without a single frame.")
            light = light_of(frame, stream.codec_context.name, Claims(), path)
            planes = planes_of(frame, str(path))
            rate = stated_rate(stream)
            facts = {
                "read": "video",
                "format": f"{container.format.name}, {stream.codec_context.name}, {frame.format.name}",
                "stream": list(container.streams.video).index(stream),
                "streams": len(container.streams.video),
                "height": frame.height,
                "width": frame.width,
                "bits": planes.bits or 32,
                "alpha": planes.opacity is not None,
                "matrix": light.matrix if planes.kind == "yuv" else None,
                "range": light.span,
                "transfer": light.transfer,
                "primaries": _primaries(light.primaries),
                "guessed": list(light.guessed),
                "pixel_aspect": str(stream.sample_aspect_ratio or 1),
                "display_matrix": display_matrix(frame),
                "interlaced": frame.interlaced_frame,
                "header_frames": count_stated(container, stream),
                "frames": len(shown),
                "stated_rate": None if rate is None else float(rate),
                "capture_rate": capture_rate(container, stream),
            }
    except av.error.FFmpegError as error:
        raise ReadError(f"{path} is neither a picture nor a video that can be read: {error.strerror}.") from error
    if tick is None or not shown:
        return facts
    starts = tuple(start * tick for start in shown)
    times = FrameTimes(starts, starts[-1] + (1 / rate if rate else tick), tick, rate)
    seconds = [round(float(start), 6) for start in starts]
    return facts | {
        "frame_rate": None if times.uneven else times.rate,
        "first_times": str(seconds[:6]),
        "notes": [times.uneven] if times.uneven else [],
    }


def _arrays(path: Path, reader: str) -> Facts:
    if reader == "npz":
        from invsolve.media.npz import arrays_of

        return {"arrays": [f"{name}: {array.dtype} {array.shape}" for name, array in arrays_of(path).items()]}
    import h5py

    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim > 1:
            found.append(f"{name}: {np.dtype(item.dtype)} {item.shape}")

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except (OSError, RuntimeError) as error:
        raise ReadError(f"{path} is damaged, or no HDF5 file: {error}") from error
    return {"arrays": found}


def _primaries(chromaticities: Chromaticities | None) -> str:
    return SRGB if chromaticities is None else named(chromaticities) or str(chromaticities)
