"""`comparison.png`: the observation, samples, their mean and spread, and the truth, side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.figures.clip_figure import write_clip_figure
from invsolve.figures.display import for_display
from invsolve.figures.saving import save_figure
from invsolve.metrics.metric import Values
from invsolve.metrics.reconstruction import Reconstruction

MOST_SAMPLES: Final = 3
INCHES: Final = 3.0
"""Width of one picture in the figure."""
DOTS: Final = 110  # per inch
ROOM: Final = round(2 * INCHES * DOTS)
"""Pixels across that a picture is made smaller to, to a whole factor: twice what is drawn."""


@final
@attrs.frozen(eq=False)
class Column:
    """One column: a title, a video ``c t h w`` ready for display, and whether it is a map of spread or error."""

    title: str
    video: Float[Tensor, "c t h w"]
    spread: bool = False


def write_comparison(path: Path, reconstruction: Reconstruction, values: Values, observation: int = 0) -> None:
    """Draw one observation of `reconstruction`, with the PSNR of `values` where it is known.

    A still picture gets a column for each part, and a second row with its liveliest detail; for a clip see
    `write_clip_figure`.

    Raises:
        WriteError: where `path` exists or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if reconstruction.space.frames > 1:
        write_clip_figure(path, reconstruction, observation)
        return
    columns = _columns(reconstruction, values, observation)
    _, height, width = reconstruction.space.shape[1:]
    detail = _detail(reconstruction.mean[observation])
    heights = [height / width] + [1.0] * (detail is not None)
    figure = Figure(figsize=(INCHES * len(columns), INCHES * sum(heights) + 0.7), dpi=DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(heights), len(columns), squeeze=False, height_ratios=heights)
    for number, column in enumerate(columns):
        grid[0, number].set_title(column.title, fontsize=11)
        drawn = _draw(grid[0, number], column.video[:, 0], column)
        if detail is not None:
            _draw(grid[1, number], _cut(column.video[:, 0], detail, height, width), column)
            _frame(grid[0, number], detail, column.video.shape[-2] / height, column.video.shape[-1] / width)
        if column.spread:
            bar = figure.colorbar(drawn, ax=grid[:, number].tolist(), location="bottom", fraction=0.05, pad=0.02)
            bar.ax.tick_params(labelsize=8)
    save_figure(path, figure)


def _columns(reconstruction: Reconstruction, values: Values, observation: int) -> list[Column]:
    transfer = reconstruction.space.transfer
    observed = for_display(reconstruction.observation[observation], reconstruction.observation_space.transfer)
    columns = [Column(_title("observed", values.get("psnr_observed")), observed)]
    samples = reconstruction.video[:, observation]
    ratios = values.get("psnr")
    for number, sample in enumerate(samples[:MOST_SAMPLES]):
        ratio = ratios[number] if isinstance(ratios, list) else None
        columns.append(Column(_title(f"sample {number}", ratio), for_display(sample, transfer)))
    if len(samples) > 1:
        mean = for_display(reconstruction.mean[observation], transfer)
        columns.append(Column(_title(f"mean of {len(samples)}", values.get("psnr_mean")), mean))
        spread = samples.std(0).square().mean(0, keepdim=True).sqrt()
        columns.append(Column("standard deviation\n", spread, spread=True))
    if reconstruction.truth is not None and reconstruction.truth_space is not None:
        truth = for_display(reconstruction.truth[observation], reconstruction.truth_space.transfer)
        columns.append(Column("truth\n", truth))
    if reconstruction.comparable_truth is not None:
        error = (reconstruction.mean[observation] - reconstruction.comparable_truth[observation]).square()
        name = f"error of mean of {len(samples)}\n" if len(samples) > 1 else "error\n"
        columns.append(Column(name, error.mean(0, keepdim=True).sqrt(), spread=True))
    return columns


def _title(name: str, ratio: float | Sequence[float] | None) -> str:
    return f"{name}\n{ratio:.2f} dB" if isinstance(ratio, float) else f"{name}\n"


def _draw(axes: Any, picture: Float[Tensor, "c h w"], column: Column) -> Any:
    axes.set_xticks([])
    axes.set_yticks([])
    height, width = picture.shape[-2:]
    # matplotlib takes long over pixels that the figure has no room for
    factor = max(1, width // ROOM)
    drawn = torch.nn.functional.avg_pool2d(picture.float(), factor, ceil_mode=True, count_include_pad=False)
    place = (-0.5, width - 0.5, height - 0.5, -0.5)
    if column.spread:
        highest = float(torch.quantile(column.video.flatten()[:: max(1, column.video.numel() // 10**6)], 0.995))
        return axes.imshow(drawn[0].cpu().numpy(), cmap="magma", vmin=0.0, vmax=max(highest, 1e-6), extent=place)
    return axes.imshow(_pixels(drawn), cmap="gray", vmin=0.0, vmax=1.0, interpolation="antialiased", extent=place)


def _pixels(picture: Float[Tensor, "c h w"]) -> npt.NDArray[np.float32]:
    shown = picture if picture.shape[0] == 3 else picture[:1]
    pixels: npt.NDArray[np.float32] = shown.permute(1, 2, 0).float().cpu().numpy()
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _detail(mean: Float[Tensor, "c t h w"]) -> tuple[int, int, int] | None:
    """Top, left and side of the square where the picture changes most; None for small pictures."""
    side = min(mean.shape[-2:]) // 3
    if side < 32:
        return None
    grey = mean[:, 0].mean(0)
    change = (grey[1:, 1:] - grey[:-1, 1:]).abs() + (grey[1:, 1:] - grey[1:, :-1]).abs()
    # a root keeps one hard edge from outweighing a whole texture
    pooled = torch.nn.functional.avg_pool2d(change.sqrt()[None, None].float(), side, stride=max(1, side // 8))[0, 0]
    # edges of the frame show how a border was extended, which is not what a reader looks for
    inner = pooled[2:-2, 2:-2]
    best, step = int(inner.argmax()), max(1, side // 8)
    return (best // inner.shape[1] + 2) * step, (best % inner.shape[1] + 2) * step, side


def _cut(picture: Tensor, detail: tuple[int, int, int], height: int, width: int) -> Tensor:
    """The detail of a picture that may be of another size than ``height x width``."""
    top, left, side = detail
    down, across = picture.shape[-2] / height, picture.shape[-1] / width
    rows = slice(round(top * down), max(round(top * down) + 1, round((top + side) * down)))
    return picture[:, rows, round(left * across) : max(round(left * across) + 1, round((left + side) * across))]


def _frame(axes: Any, detail: tuple[int, int, int], down: float, across: float) -> None:
    from matplotlib.patches import Rectangle

    top, left, side = detail
    corner = (left * across - 0.5, top * down - 0.5)
    axes.add_patch(Rectangle(corner, side * across, side * down, fill=False, edgecolor="white", linewidth=1.2))
