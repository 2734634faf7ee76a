"""`ranks.png`: rank histograms and cumulated ranks, with the bands of even ones."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from invsolve.calibration.calibration import SIGNIFICANCE, Calibration
from invsolve.calibration.uniformity import ecdf_band
from invsolve.figures.saving import save_figure

ACROSS: Final = 4
INCHES: Final = 3.0
EVEN, UNEVEN = "#3b6ea5", "#b5442e"


def write_figure(path: Path, calibration: Calibration, title: str) -> None:
    """Draw each quantity's ranks; uneven ones are red. An older file gives way.

    Above, its histogram with the 99 % band of a bin; below, how far the cumulated ranks lie from even ones, with the
    band that holds the whole curve with 99 %.

    Raises:
        WriteError: where `path` cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    across = min(ACROSS, len(calibration.names))
    down = -(-len(calibration.names) // across)
    figure = Figure(figsize=(INCHES * across, 1.3 * INCHES * down + 0.5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11)
    grid = figure.subplots(2 * down, across, squeeze=False, height_ratios=[3, 2] * down)
    band = ecdf_band(calibration.draws, calibration.samples)
    for axes in grid.flat[:]:
        axes.set_visible(False)
    for number in range(len(calibration.names)):
        row, column = divmod(number, across)
        _histogram(grid[2 * row, column], calibration, number)
        _curve(grid[2 * row + 1, column], calibration, number, band)
    save_figure(path, figure, replace=True)


def _colour(calibration: Calibration, number: int) -> str:
    return EVEN if calibration.p[number] > SIGNIFICANCE else UNEVEN


def _histogram(axes: Any, calibration: Calibration, number: int) -> None:
    test = calibration.tests[number]
    bins = len(test.counts)
    axes.set_visible(True)
    axes.axhspan(*test.band, color="0.88")
    axes.axhline(calibration.draws / bins, color="0.6", linewidth=0.8)
    edges = np.linspace(0, calibration.samples + 1, bins + 1)
    axes.stairs(test.counts, edges, fill=True, alpha=0.8, color=_colour(calibration, number))
    axes.set_xlim(0, calibration.samples + 1)
    axes.set_ylim(0, 1.15 * max(*test.counts, test.band[1]))
    axes.set_title(f"{calibration.names[number]}\np = {calibration.p[number]:.2g}", fontsize=9)
    axes.tick_params(labelsize=7, labelbottom=False)


def _curve(axes: Any, calibration: Calibration, number: int, band: tuple[Any, Any]) -> None:
    ranks = calibration.samples + 1
    even = np.arange(1, ranks + 1) / ranks
    found = np.bincount(calibration.ranks[:, number], minlength=ranks).cumsum() / calibration.draws
    axes.set_visible(True)
    axes.fill_between(np.arange(1, ranks + 1), band[0] - even, band[1] - even, step="post", color="0.88", linewidth=0)
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.step(np.arange(1, ranks + 1), found - even, where="post", color=_colour(calibration, number), linewidth=1.2)
    axes.set_xlim(0, ranks)
    axes.set_xlabel("rank of the truth", fontsize=8)
    axes.tick_params(labelsize=7)
