"""Camera raw files through LibRaw: linear light, 16 bits."""

import importlib.util
from pathlib import Path
from typing import Final

import numpy as np

from invsolve.errors import ReadError
from invsolve.media.formats.decoding import decoding
from invsolve.media.formats.stored import Stored
from invsolve.media.memory_limit import require_room

SUFFIXES: Final = (".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw", ".nrw")


def read_raw(path: Path) -> Stored:
    """The sensor's light, demosaiced, in the camera's own white balance and sRGB's primaries: uint16 ``h w 3``.

    Nothing is brightened and no curve is applied; the preview inside of the file is never taken for it.

    Raises:
        ReadError: where rawpy is not installed.
    """
    if importlib.util.find_spec("rawpy") is None:
        raise ReadError(
            f"{path} is a camera's raw file. Install what reads it with `pip install 'invsolve[raw]'`, or develop it"
            " into a 16 bit TIFF of linear light and write `transfer: linear`."
        )
    import rawpy

    with decoding(path, "LibRaw"), rawpy.imread(str(path)) as raw:
        require_room(path, (raw.sizes.height, raw.sizes.width, 3), 4, "Develop a smaller picture from it.")
        pixels = raw.postprocess(
            gamma=(1, 1), no_auto_bright=True, output_bps=16, use_camera_wb=True, output_color=rawpy.ColorSpace.sRGB
        )
    return Stored(
        pixels=np.ascontiguousarray(pixels),
        transfer="linear",
        format="camera raw",
        notes=("the raw file is demosaiced by LibRaw, with the camera's white balance",),
    )
