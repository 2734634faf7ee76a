"""OpenEXR files: linear light, not clipped."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from invsolve.errors import ChoiceNeeded, ReadError
from invsolve.files.needs import needs
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.stored import Numbers, Stored
from invsolve.media.memory_limit import require_room
from invsolve.video.primaries import Chromaticities

SIGNATURE: Final = b"\x76\x2f\x31\x01"
_COLOURS: Final[tuple[tuple[str, ...], ...]] = (("R", "G", "B"), ("Y",))


def read_exr(path: Path, page: int | None) -> Stored:
    """The red, green and blue (or the grey) of a part, float32 ``h w c``, as large as its display window.

    Light outside of the data window is 0.

    Raises:
        ReadError: for parts without such channels, and for several parts without a choice.
    """
    needs("OpenEXR", f"{path}, a picture in OpenEXR,")
    import OpenEXR

    with decoding(path, "OpenEXR"):
        with OpenEXR.File(str(path), header_only=True) as headers:
            heads = [dict(part.header) for part in headers.parts]
        if len(heads) > 1 and page is None:
            names = [str(head.get("name", number)) for number, head in enumerate(heads)]
            raise ChoiceNeeded(
                f"{path} has {len(heads)} parts ({', '.join(names)}). Write `page: 0` (to {len(heads) - 1}).",
                field="page",
            )
        if not 0 <= (page or 0) < len(heads):
            raise ReadError(f"{path} has {len(heads)} parts; there is no part {page} (the first is 0).")
        height, width = _size(heads[page or 0]["displayWindow"])
        require_room(path, (height, width, 4), 4, "Cut or scale it down first.")
        require_room(path, (*_size(heads[page or 0]["dataWindow"]), 4), 4, "Cut or scale it down first.")
        with OpenEXR.File(str(path), separate_channels=True) as file:
            part = file.parts[page or 0]
            header, channels = dict(part.header), dict(part.channels)
    chosen = next((colours for colours in _COLOURS if set(colours) <= set(channels)), None)
    if chosen is None or "RY" in channels:
        raise ReadError(f"{path} has the channels {', '.join(sorted(channels))}, not R, G, B or Y alone.")
    planes = [_placed(path, channels[name], header) for name in chosen]
    opacity = _placed(path, channels["A"], header)[..., None] if "A" in channels else None
    return Stored(
        pixels=np.stack(planes, axis=-1),
        opacity=opacity,
        associated=True,
        transfer="linear",
        primaries=_chromaticities(header.get("chromaticities")),
        unclipped=True,
        format="OpenEXR",
    )


def _size(window: Any) -> tuple[int, int]:
    (left, top), (right, bottom) = (tuple(map(int, corner)) for corner in window)
    return bottom - top + 1, right - left + 1


def _placed(path: Path, channel: Any, header: Any) -> Numbers:
    if (channel.xSampling, channel.ySampling) != (1, 1):
        raise ReadError(f"{path} stores {channel.name} at a lower resolution. Save it with all channels in full.")
    data, shown = header["dataWindow"], header["displayWindow"]
    pixels = np.asarray(channel.pixels, dtype=np.float32)
    if np.array_equal(data, shown):
        return pixels
    canvas = np.zeros(_size(shown), dtype=np.float32)
    left, top = (int(data[0][axis]) - int(shown[0][axis]) for axis in (0, 1))
    rows = slice(max(top, 0), max(min(top + pixels.shape[0], canvas.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + pixels.shape[1], canvas.shape[1]), 0))
    canvas[rows, columns] = pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return canvas


def _chromaticities(values: Any) -> Chromaticities | None:
    if values is None:
        return None
    rx, ry, gx, gy, bx, by, wx, wy = (float(value) for value in np.ravel(values))
    return ((rx, ry), (gx, gy), (bx, by), (wx, wy))
