"""TIFF files through tifffile: tiles and strips, any compression, any number type, one page or several."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

import attrs
import numpy as np

from invsolve.errors import ChoiceNeeded, ReadError
from invsolve.files.needs import needs
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.stored import Numbers, Stored, native, upright
from invsolve.media.memory_limit import require_room

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries

SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION: Final = 274
_DNG_VERSION: Final = 50706
_FRAME_INTERVAL: Final = "finterval"
# the values of tags, as TIFF 6.0 and TIFF/EP define them
_REDUCED, _MASK = 1, 4
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_MOSAICS: Final = (32803, 34892)
_ASSOCIATED, _UNASSOCIATED = 1, 2


@final
@attrs.frozen(eq=False)
class Pages:
    """The pictures of a TIFF file that stand side by side, and their rate [frames/s] where ImageJ states it."""

    pages: tuple[Stored, ...]
    frame_rate: float | None


def is_tiff(head: bytes) -> bool:
    """True if a file begins as TIFF or BigTIFF does."""
    return head[:4] in SIGNATURES


def is_mosaic(path: Path) -> bool:
    """True if a TIFF file holds a camera's raw data, whatever its first picture shows."""
    needs("tifffile", f"{path}, a TIFF,")
    import tifffile

    with decoding(path, "tifffile"), tifffile.TiffFile(path) as file:
        first = file.pages.first
        if _DNG_VERSION in first.tags or int(first.photometric) in _MOSAICS:
            return True
        below = [page for page in first.pages or () if page is not None]
        return any(int(getattr(page, "photometric", 1)) in _MOSAICS for page in below)


def count_pages(path: Path) -> int:
    """The number of pictures side by side, without previews, masks and smaller copies."""
    needs("tifffile", f"{path}, a TIFF,")
    import tifffile

    with decoding(path, "tifffile"), tifffile.TiffFile(path) as file:
        return sum(_count(series) for series in _whole(file))


def read_page(path: Path, page: int | None) -> Stored:
    """One picture; raises `ReadError` for a stack without a choice, and for what tifffile cannot decode."""
    needs("tifffile", f"{path}, a TIFF,")
    import tifffile

    with decoding(path, "tifffile"), tifffile.TiffFile(path) as file:
        whole = _whole(file)
        count = sum(_count(series) for series in whole)
        if count > 1 and page is None:
            raise ChoiceNeeded(
                f"{path} is a stack of {count} pictures. Write `page: 0` (to {count - 1}) for one of them, or `read:"
                " video` for all as the frames of a clip.",
                field="page",
            )
        if not 0 <= (page or 0) < count:
            raise ReadError(
                f"{path} has {count} picture{'s' * (count != 1)}; there is no page {page} (the first is 0)."
            )
        wanted = page or 0
        for series in whole:
            if wanted < _count(series):
                return _stored(path, series.keyframe, _values(path, file, series, wanted))
            wanted -= _count(series)
    raise ReadError(f"{path} holds no picture.")


def read_pages(path: Path, chosen: range, *, as_frames: bool = False) -> Pages:
    """The pictures numbered `chosen`, all of one size, as frames; raises `ReadError` where they differ.

    Args:
        path: the file.
        chosen: numbers of pages, from 0.
        as_frames: also those that the file says to be channels of one moment.
    """
    needs("tifffile", f"{path}, a TIFF,")
    import tifffile

    with decoding(path, "tifffile"), tifffile.TiffFile(path) as file:
        whole = _whole(file)
        if len(whole) != 1:
            sizes = ", ".join("x".join(map(str, series.keyframe.shape)) for series in whole[:4])
            raise ReadError(f"{path} holds pictures of several sizes or kinds ({sizes}), which are no clip.")
        series = whole[0]
        key = series.keyframe
        if not as_frames:
            _refuse_channels_as_frames(path, series)
        require_room(path, (len(chosen), *key.shape), 4, "Choose `frames: 0..16` or `stride`.")
        pages = tuple(_stored(path, key, _values(path, file, series, number)) for number in chosen)
        interval = (file.imagej_metadata or {}).get(_FRAME_INTERVAL)
    return Pages(pages, 1 / float(interval) if interval else None)


def _refuse_channels_as_frames(path: Path, series: "TiffPageSeries") -> None:
    """Refuse pages that are colours, or others that microscopes take at one moment.

    Raises:
        ReadError: for these.
    """
    outer = dict(zip(series.axes, series.shape, strict=True))
    channels = outer.get("C", 1)
    if channels > 1 and "C" not in series.keyframe.axes:
        raise ReadError(
            f"{path} keeps {channels} channels as pages of their own (axes {series.axes},"
            f" {'x'.join(map(str, series.shape))}), which are no frames. Write `read: image` with `page:` for one of"
            " them, `pages: frames` if they are moments all the same, or save the channels of a frame as one RGB page."
        )


def _whole(file: "TiffFile") -> "list[TiffPageSeries]":
    series = [each for each in file.series if not int(each.keyframe.subfiletype) & (_REDUCED | _MASK)]
    return series or list(file.series)


def _count(series: "TiffPageSeries") -> int:
    return int(np.prod(series.shape, dtype=np.int64) // np.prod(series.keyframe.shape, dtype=np.int64))


def _values(path: Path, file: "TiffFile", series: "TiffPageSeries", number: int) -> Numbers:
    key = series.keyframe
    require_room(path, key.shape, max(4, key.dtype.itemsize if key.dtype else 4), "Cut or scale it down first.")
    page = series.pages[number] if number < len(series.pages) else None
    if page is None:
        # ImageJ and tifffile itself describe a block of pictures by its first alone
        block: Any = series.asarray()
        return np.asarray(block.reshape(-1, *key.shape)[number])
    size = file.filehandle.size
    spans = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if any(offset + count > size for offset, count in spans):
        raise ReadError(
            f"{path} is damaged or cut short: parts of its picture lie behind its end. Get a complete copy."
        )
    if any(count == 0 for _, count in spans):
        raise ReadError(f"{path} leaves parts of its picture out (a sparse file). Save it with all of them.")
    return np.asarray(page.asarray())


def _stored(path: Path, page: "TiffPage", values: Numbers) -> Stored:
    photometric, bits = int(page.photometric), page.bitspersample
    values = native(values)
    if values.ndim == 3 and page.axes == "SYX":
        values = values.transpose(1, 2, 0)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or page.imagedepth > 1:
        raise ReadError(f"{path} is a volume of shape {page.shape}, not a picture.")
    white = float(2**bits - 1) if values.dtype.kind == "u" and bits < 8 * values.dtype.itemsize else None
    notes: list[str] = []
    if photometric == _PALETTE:
        values, white = _looked_up(page, values), None
    elif photometric == _WHITE_IS_ZERO:
        values = _inverted(path, values, white)
    elif photometric not in (_BLACK_IS_ZERO, _RGB, _CMYK, _YCBCR):
        kind = getattr(page.photometric, "name", photometric)
        raise ReadError(f"{path} is stored as {kind}, which is not read. Save it as RGB or grey.")
    colours = {_RGB: 3, _PALETTE: 3, _YCBCR: 3, _CMYK: 4}.get(photometric, 1)
    pixels, rest = values[..., :colours], values[..., colours:]
    opacity, associated = None, False
    if rest.shape[-1]:
        kinds = [int(kind) for kind in page.extrasamples]
        if rest.shape[-1] > 1:
            raise ReadError(f"{path} has {values.shape[-1]} channels, not 1 or 3 and one of transparency.")
        if kinds and kinds[0] in (_ASSOCIATED, _UNASSOCIATED):
            opacity, associated = rest, kinds[0] == _ASSOCIATED
        else:
            notes.append("a channel without a stated meaning is left out")
    if values.dtype.kind == "f" and page.iccprofile is None:
        notes.append("floating-point values of unstated light are taken for sRGB; `transfer: linear` says otherwise")
    orientation = page.tags.valueof(_ORIENTATION, 1)
    return Stored(
        pixels=upright(pixels, orientation),
        opacity=None if opacity is None else upright(opacity, orientation),
        associated=associated,
        white=white,
        icc=page.iccprofile,
        format=f"TIFF, {_compression(page)}",
        notes=tuple(notes),
    )


def _compression(page: "TiffPage") -> str:
    name = str(getattr(page.compression, "name", page.compression)).lower()
    return "uncompressed" if name == "none" else name


def _looked_up(page: "TiffPage", values: Numbers) -> Numbers:
    colours = np.asarray(page.colormap)
    # some old programs wrote tables of 8 bits into the field of 16
    if colours.max() < 256:
        colours = colours * 257
    return np.asarray(colours.T[values[..., 0]], dtype=np.uint16)


def _inverted(path: Path, values: Numbers, white: float | None) -> Numbers:
    if values.dtype == np.bool_:
        return ~values
    if values.dtype.kind != "u":
        raise ReadError(f"{path} holds {values.dtype} where white is 0, which says nothing of black. Save it anew.")
    return np.asarray((int(white) if white else np.iinfo(values.dtype).max) - values, dtype=values.dtype)
