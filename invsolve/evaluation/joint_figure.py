"""`compare.png`: medians with their intervals, a panel for each measure."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from invsolve.evaluation.joint_table import JointTable, Part
from invsolve.files.atomic import atomic
from invsolve.metrics.score import Score

MOST_PANELS: Final = 4
WIDE, ROW, ROOM = 2.9, 0.3, 1.1  # inches


def write_joint_figure(path: Path, table: JointTable) -> None:
    """Draw the first four measures of each part of which one way is better; an older file gives way.

    Raises:
        WriteError: where the disk does not take it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    parts = [(part, part.compared[:MOST_PANELS]) for part in table.parts if part.compared]
    if not parts:
        return
    columns = max(len(scores) for _, scores in parts)
    heights = [ROW * len(part.rows) + ROOM for part, _ in parts]
    longest = max(len(name) for part, _ in parts for name in part.rows)
    figure = Figure(figsize=(WIDE * columns + 0.08 * longest, sum(heights)), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(parts), columns, squeeze=False, height_ratios=heights)
    for row, (part, scores) in enumerate(parts):
        for column in range(columns):
            if column < len(scores):
                _draw(grid[row, column], part, scores[column], named=column == 0)
            else:
                grid[row, column].set_visible(False)
    with atomic(path, replace=True) as temporary:
        figure.savefig(temporary, format="png")


def _draw(axes: Any, part: Part, score: Score, *, named: bool) -> None:
    names = list(part.rows)
    for place, name in enumerate(names):
        found = part.interval(name, score)
        if not np.isfinite(found.median):
            continue
        colour = "C0" if place == 0 else "0.35"
        ends = [end for end in (found.low, found.high) if np.isfinite(end)]
        if len(ends) == 2:
            axes.plot(ends, [place, place], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot(found.median, place, "o", color=colour, markersize=6)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names if named else [""] * len(names), fontsize=9)
    axes.set_xlabel(score.title + score.arrow, fontsize=9)
    axes.tick_params(labelsize=8, length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.margins(x=0.12)
    if named:
        axes.set_title(part.title, fontsize=9, loc="left", color="0.35")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
