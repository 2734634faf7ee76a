"""`errors/<clip>.png`: where the errors are."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image

from invsolve.files.atomic import atomic
from invsolve.media.png_writer import EFFORT
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.posterior.time_direction import turned

FULL: Final = 0.25  # the error that is drawn brightest [0..1]
ENLARGED: Final = 3


def write_error_map(path: Path, reconstruction: Reconstruction) -> None:
    """Root mean square over channels, frames from left to right: the first sample, the mean, and the std of samples.

    Errors are those to the truth or its reverse, whichever is nearer; all maps go from 0, black, to 0.25. Nothing is
    drawn without a truth in the samples' space. An older file gives way.
    """
    from matplotlib import colormaps

    truth = reconstruction.comparable_truth
    if truth is None:
        return
    facing = reconstruction.facing
    mean = facing.mean(0, keepdim=True)
    rows = [turned(each, truth)[0] - truth for each in (facing[:1], mean)]
    if len(facing) > 1:
        rows.append(facing.std(0))
    maps = [row[0].square().mean(0).sqrt().permute(1, 0, 2).flatten(1) for row in rows]
    levels = (torch.cat(maps) / FULL).clamp(0, 1).cpu().numpy()
    pixels = (colormaps["magma"](levels)[..., :3] * 255).round().astype(np.uint8)
    picture = Image.fromarray(pixels)
    size = (picture.width * ENLARGED, picture.height * ENLARGED)
    with atomic(path, replace=True) as temporary:
        picture.resize(size, Image.Resampling.NEAREST).save(temporary, format="PNG", compress_level=EFFORT)
