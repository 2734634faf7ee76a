"""`contact_sheet.png`: the best, the median and the worst clip."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from invsolve.evaluation.clip_file import ClipFile
from invsolve.figures.display import for_display
from invsolve.figures.saving import save_figure
from invsolve.figures.strip import GAP, INCHES, Strip, draw_strip, highest_of
from invsolve.media.dataset import read_array
from invsolve.posterior.time_direction import turned

SHOWN: Final = 4  # frames of each video
LABEL, TITLE = 0.9, 0.3  # inches


def write_contact_sheet(path: Path, files: Mapping[str, ClipFile]) -> None:
    """A block of rows for each of `files`, by the word that it is called.

    Rows are: observed, sample, mean, truth, and the root mean square error of the mean. Samples and mean are shown in
    the direction of time of the truth. An older file gives way; raises `WriteError`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    blocks = {f"{word}: clip {file.path.stem}": clip_strips(file.dataset()) for word, file in files.items()}
    first = next(iter(blocks.values()))[0].video
    rows, tall = max(map(len, blocks.values())), INCHES * first.shape[-2] / first.shape[-1]
    count = min(SHOWN, max(strip.video.shape[1] for strips in blocks.values() for strip in strips))
    wide, high = INCHES * max(2, count) * (1 + GAP), rows * (tall + 0.06)
    size = (len(blocks) * (wide + LABEL), high + TITLE)
    figure = Figure(figsize=size, dpi=150)
    FigureCanvasAgg(figure)
    # by hand: laying out so many rows takes matplotlib seconds
    edges = {"left": LABEL / size[0], "right": 0.999, "bottom": 0.001, "top": high / size[1]}
    room = {"wspace": LABEL / wide, "hspace": 0.06 / tall}
    grid = figure.subplots(rows, len(blocks), squeeze=False, gridspec_kw=edges | room)
    highest = highest_of([strip for strips in blocks.values() for strip in strips])
    for column, (title, strips) in enumerate(blocks.items()):
        grid[0, column].set_title(title, fontsize=10)
        for row, strip in enumerate(strips):
            total = strip.video.shape[1]
            frames = [round(i * (total - 1) / max(1, count - 1)) for i in range(count)]
            named = attrs.evolve(strip, label=f"{strip.label},\n0 to {highest:.2g}") if strip.map else strip
            draw_strip(grid[row, column], named, frames, total, highest)
        for row in range(len(strips), rows):
            grid[row, column].set_visible(False)
    save_figure(path, figure, replace=True)


def clip_strips(dataset: xr.Dataset) -> list[Strip]:
    """The rows of one clip, from its file."""
    observed, light = _read(dataset["observed"])
    video = torch.stack([_read(dataset["video"].isel(sample=s))[0] for s in range(dataset.sizes["sample"])])
    transfer = str(dataset["video"].attrs["transfer"])
    truth = _read(dataset["truth"])[0] if "truth" in dataset else None
    comparable = truth is not None and truth.shape == video.shape[1:]
    reference = truth if comparable and truth is not None else video[0]
    sample, mean = (turned(each[None], reference)[0] for each in (video[0], _read(dataset["mean"])[0]))
    rows = {"sample": sample, f"mean of {len(video)}": mean} if len(video) > 1 else {"sample": sample}
    strips = [Strip("observed", for_display(observed[0], light))]
    strips += [Strip(name, for_display(each[0], transfer)) for name, each in rows.items()]
    if truth is not None:
        strips.append(Strip("truth", for_display(truth[0], transfer)))
    if comparable and truth is not None:
        strips.append(Strip("error", _root_mean_square((mean - truth)[0]), map=True))
    return strips


def _read(array: xr.DataArray) -> tuple[Float[Tensor, "1 c t h w"], str]:
    video, space = read_array(
        array.drop_vars(array.coords).rename({axis: str(axis).removeprefix("observed_") for axis in array.dims})
    )
    return video.float(), space.transfer


def _root_mean_square(error: Float[Tensor, "c t h w"]) -> Float[Tensor, "1 t h w"]:
    return error.square().mean(0, keepdim=True).sqrt()
