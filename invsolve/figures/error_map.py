"""`errors/<clip>.png`: where the errors are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from invsolve.files.atomic import atomic
from invsolve.media.png_writer import EFFORT
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.posterior.time_direction import turned

FULL: Final = 0.25  # the error that is drawn brightest [0..1]
ENLARGED: Final = 3
LARGE: Final = 256  # pixels across, from which on a frame is not enlarged
FONT, MARGIN = 12, 130  # pixels


def write_error_map(path: Path, reconstruction: Reconstruction) -> None:
    """Draw root mean squares over channels, a row for each map, frames from left to right.

    The rows are the error of the first sample and, of several, that of their mean and their standard deviation.

    Errors are those to the truth or its reverse, whichever is nearer; all maps go from 0, black, to 0.25. Nothing is
    drawn without a truth in the samples' space. An older file gives way.
    """
    from matplotlib import colormaps

    truth = reconstruction.comparable_truth
    if truth is None:
        return
    facing = reconstruction.facing
    mean = facing.mean(0, keepdim=True)
    rows = {"error of a sample": turned(facing[:1], truth)[0] - truth}
    if len(facing) > 1:
        rows |= {"error of the mean": turned(mean, truth)[0] - truth, "standard deviation": facing.std(0)}
    maps = [row[0].square().mean(0).sqrt().permute(1, 0, 2).flatten(1) for row in rows.values()]
    levels = (torch.cat(maps) / FULL).clamp(0, 1).cpu().numpy()
    pixels = (colormaps["magma"](levels)[..., :3] * 255).round().astype(np.uint8)
    picture = Image.fromarray(pixels)
    factor = max(1, min(ENLARGED, LARGE // truth.shape[-1]))
    drawn = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    with atomic(path, replace=True) as temporary:
        _named(drawn, list(rows)).save(temporary, format="PNG", compress_level=EFFORT)


def _named(maps: Image.Image, names: Sequence[str]) -> Image.Image:
    """The maps with a name at the left of each row, and the ends of their scale."""
    lines = [name.split(" ", 1) for name in names]
    font = ImageFont.load_default(FONT)
    page = Image.new("RGB", (maps.width + MARGIN, max(maps.height, 5 * FONT * len(names))), "white")
    page.paste(maps, (MARGIN, 0))
    brush = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        text = "\n".join([*line, f"0 to {FULL}"])
        middle = (row + 0.5) * maps.height / len(names)
        brush.text((MARGIN - FONT / 2, middle), text, "black", font, anchor="rm", align="right")
    return page
