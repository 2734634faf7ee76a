"""`save_figure`: a matplotlib figure as a PNG file."""

from pathlib import Path
from typing import TYPE_CHECKING

from invsolve.files.atomic import atomic
from invsolve.media.png_writer import EFFORT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(path: Path, figure: "Figure", *, replace: bool = False) -> None:
    """Draw a figure, whose canvas is Agg's, into a file.

    Args:
        path: the file.
        figure: what is drawn.
        replace: an older file gives way.

    Raises:
        WriteError: where `path` exists or cannot be written.
    """
    with atomic(path, replace=replace) as temporary:
        figure.savefig(temporary, format="png", pil_kwargs={"compress_level": EFFORT})
