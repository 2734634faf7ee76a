"""PBM, PGM, PPM, PAM and PFM files through netpbmfile, at their full depth."""

from pathlib import Path
from typing import Final

import numpy as np

from invsolve.errors import ReadError
from invsolve.files.needs import needs
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.stored import Stored, native
from invsolve.media.memory_limit import require_room

_MAGIC: Final = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7", b"Pf", b"PF")
_BITMAPS: Final = ("P1", "P4")


def is_netpbm(head: bytes) -> bool:
    """True if a file begins as one of these formats does."""
    return head[:2] in _MAGIC and head[2:3].isspace()


def read_netpbm(path: Path) -> Stored:
    """The picture, and the number of its header that means white; PFM holds linear light.

    Raises:
        ReadError: for a file of several pictures or of other numbers of channels.
    """
    needs("netpbmfile", f"{path}, a netpbm picture,")
    import netpbmfile

    with decoding(path, "netpbmfile"), netpbmfile.NetpbmFile(path) as file:
        require_room(path, (file.height, file.width, file.depth), 4, "Cut or scale it down first.")
        axes, maximum, kind = file.axes, file.maxval, str(file.magicnumber)
        values = native(np.asarray(file.asarray()))
    if axes not in ("YX", "YXS") or values.ndim != len(axes):
        raise ReadError(f"{path} holds several pictures. Save each as a file of its own.")
    values = values[..., None] if values.ndim == 2 else values
    channels = values.shape[-1]
    if channels > 4:
        raise ReadError(f"{path} has {channels} channels, not 1 or 3 and one of transparency.")
    colours = 3 if channels >= 3 else 1
    floating = values.dtype.kind == "f"
    if kind in _BITMAPS:
        values = ~values.astype(np.bool_)  # 1 is ink
    if floating:
        values = values[::-1]  # netpbmfile leaves PFM's rows in the order of the file, the lowest first
    return Stored(
        pixels=values[..., :colours],
        opacity=values[..., colours:] if channels in (2, 4) else None,
        white=None if floating or values.dtype == np.bool_ else float(maximum),
        transfer="linear" if floating else None,
        unclipped=floating,
        format="PFM" if floating else "Netpbm",
    )
