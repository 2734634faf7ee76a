"""`read_picture`: one still picture from a file, as light that is known."""

from pathlib import Path
from typing import Final, Literal, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from PIL import UnidentifiedImageError
from torch import Tensor

from invsolve.errors import ChoiceNeeded, ComponentError, OtherFormat, ReadError
from invsolve.media.formats.stored import Numbers, Stored
from invsolve.media.framing import Framing
from invsolve.media.memory_limit import require_room
from invsolve.media.opacity import Alpha, over
from invsolve.media.source import require_file
from invsolve.media.values import Outside, to_unit
from invsolve.video.primaries import PRIMARIES, SRGB, as_srgb, named

Channels = Literal["auto", "grey", "rgb"]

SUFFIXES: Final = (
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".ppm", ".pgm", ".pbm", ".pam", ".pfm", ".gif"),
    *(".jp2", ".avif", ".exr", ".dng"),
)
LUMINANCE: Final = (0.2126, 0.7152, 0.0722)
MOST_CHANNELS: Final = 4


def check_primaries(_: object, field: "attrs.Attribute[str | None]", value: str | None) -> None:
    """Validate a field ``primaries`` (attrs validator)."""
    if value is not None and value not in PRIMARIES:
        raise ComponentError(f"{field.name} must be one of {', '.join(PRIMARIES)}, got {value!r}.")


@final
@attrs.frozen
class Taking:
    """The declarations of a reader that replace those of a file.

    Attributes:
        channels: ``auto`` gives 1 channel for a grey picture and 3 for a colour one; ``rgb`` repeats grey three times;
            ``grey`` takes the Rec. 709 luminance of the values.
        alpha: a picture with transparent pixels is refused, set on ``black`` or ``white``, or its alpha is dropped.
        transfer: instead of what the file declares.
        primaries: instead of what the file declares.
        white: the stored number that means 1; by default the largest of the file's number type.
        outside: what to do with values outside of [0, 1]: ``refuse``, ``clip`` or ``keep``; by default formats of
            unclipped light (OpenEXR, PFM) keep them and others refuse.
        page: which picture of a file that holds several.
    """

    channels: Channels = "auto"
    alpha: Alpha = "refuse"
    transfer: str | None = None
    primaries: str | None = None
    white: float | None = attrs.field(default=None, converter=attrs.converters.optional(float))
    outside: Outside | None = None
    page: int | None = None


@final
@attrs.frozen(eq=False)
class Picture:
    """A picture ``1 c 1 h w``, the transfer of its values, and what a user should know of how it was taken."""

    video: Float[Tensor, "1 c 1 h w"]
    transfer: str
    notes: tuple[str, ...]


AS_IT_IS: Final = Framing()
AS_DECLARED: Final = Taking()


def read_picture(path: Path, taking: Taking = AS_DECLARED, framing: Framing = AS_IT_IS) -> Picture:
    """Read a picture upright (EXIF orientation applied), float32, sRGB's primaries, cropped and scaled.

    Raises:
        ReadError: for what is not there, not a picture, cut short, animated, or transparent without a choice.
    """
    return as_picture(read_stored(path, taking.page), path, taking, framing)


def read_stored(path: Path, page: int | None = None) -> Stored:
    """The numbers of a picture file as they are stored, by the decoder that knows the format."""
    from invsolve.media.formats import exr, netpbm, pillow_picture, raw, tiff

    require_file(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    if path.suffix.lower() in raw.SUFFIXES or (tiff.is_tiff(head) and tiff.is_mosaic(path)):
        return raw.read_raw(path)
    if tiff.is_tiff(head):
        return tiff.read_page(path, page)
    if head[:4] == exr.SIGNATURE:
        return exr.read_exr(path, page)
    if page not in (None, 0):
        raise ReadError(f"{path} has no pages; `page:` is for TIFF stacks and parts of OpenEXR files.")
    if netpbm.is_netpbm(head):
        return netpbm.read_netpbm(path)
    try:
        return pillow_picture.read_with_pillow(path)
    except UnidentifiedImageError as error:
        raise OtherFormat(f"{path} is not a picture that can be read{_guess(path)}.") from error


def as_picture(stored: Stored, path: Path, taking: Taking, framing: Framing) -> Picture:
    """Stored numbers as light: scaled to [0, 1], by profile or primaries in sRGB's colours, opaque, framed."""
    pixels, opacity = (framing.cut(each, str(path)) for each in (stored.pixels, stored.opacity))
    require_room(path, pixels.shape, 4, "Write `crop: HxW` for a part of it.")
    outside: Outside = taking.outside or ("keep" if stored.unclipped else "refuse")
    values = _scaled(pixels, stored, path, taking.white, outside)
    transfer = taking.transfer or stored.transfer or SRGB
    if stored.icc is not None and taking.transfer is None and taking.primaries is None:
        from invsolve.media.formats.icc import from_icc

        values, transfer = from_icc(values, stored.icc, path)
    if values.shape[-1] == MOST_CHANNELS:
        # ink: no profile states its colours
        values = (1 - values[..., :3]) * (1 - values[..., 3:])
    colour = torch.from_numpy(values).permute(2, 0, 1)
    primaries = stored.primaries if taking.primaries is None else PRIMARIES[taking.primaries]
    if len(colour) == 3 and primaries is not None and named(primaries) != SRGB:
        if transfer == "unknown":
            raise ChoiceNeeded(
                f"{path} has the primaries {named(primaries) or primaries}, which turn into sRGB's in linear light"
                " only, and its transfer is unknown. Write `transfer:`, or `primaries: srgb` to take them as they are.",
                field="primaries",
            )
        colour = as_srgb(colour, primaries, transfer, unclipped=transfer == "linear" and outside == "keep")
    if opacity is not None:
        shares = torch.from_numpy(_scaled(opacity, stored, path, taking.white, "clip")).permute(2, 0, 1)
        colour = over(colour, shares, taking.alpha, str(path), associated=stored.associated)
    video = framing.scaled(with_channels(colour, taking.channels)[None, :, None], transfer)
    return Picture(video, transfer, stored.notes)


def with_channels(colour: Float[Tensor, "c h w"], channels: Channels) -> Float[Tensor, "c2 h w"]:
    """A picture as ``grey``, as ``rgb``, or as it is (``auto``)."""
    if channels == "rgb" and len(colour) == 1:
        return colour.expand(3, -1, -1)
    if channels == "grey" and len(colour) == 3:
        return torch.einsum("c,chw->hw", torch.tensor(LUMINANCE), colour)[None]
    return colour


def _scaled(
    pixels: Numbers, stored: Stored, path: Path, white: float | None, outside: Outside
) -> npt.NDArray[np.float32]:
    scale = white or stored.white
    if scale is not None:
        pixels = np.divide(pixels, scale, dtype=np.float64)
    return np.ascontiguousarray(to_unit(pixels, str(path), outside, has_white=white is None))


def _guess(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(32)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"heif"):
        return ": it is a HEIC photograph. Save it as JPEG or PNG"
    if head[4:8] == b"ftyp" or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF"):
        return ": it looks like a video. Write `read: video`"
    if head[:4] == b"PK\x03\x04":
        return ": it looks like a zip archive. For arrays write `read: npz`"
    if head[:8] == b"\x89HDF\r\n\x1a\n":
        return ": it looks like HDF5. Write `read: netcdf`"
    return f": it begins with {head[:8]!r}. Known formats: {', '.join(s[1:] for s in SUFFIXES)}"
