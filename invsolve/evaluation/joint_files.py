"""A joint table as files: Markdown, CSV, LaTeX, and a figure."""

from importlib.util import find_spec
from pathlib import Path

from invsolve.evaluation.joint_figure import write_joint_figure
from invsolve.evaluation.joint_table import JointTable
from invsolve.files.atomic import write_text


def write_joint_files(place: Path, table: JointTable, line: str = "") -> tuple[Path, ...]:
    """Write `place`, which ends in ``.md``, and ``.csv``, ``.tex`` and, with matplotlib, ``.png``; older ones give way.

    Args:
        place: where the Markdown goes.
        table: what is written.
        line: the last line of the Markdown.

    Returns:
        The files, the Markdown first.

    Raises:
        WriteError: where the disk does not take them.
    """
    write_text(place, f"{table.markdown}\n{line}\n" if line else table.markdown, replace=True)
    write_text(place.with_suffix(".csv"), table.csv, replace=True)
    write_text(place.with_suffix(".tex"), table.latex, replace=True)
    suffixes = [".md", ".csv", ".tex"]
    if find_spec("matplotlib") is not None:
        write_joint_figure(place.with_suffix(".png"), table)
        suffixes.append(".png")
    return tuple(place.with_suffix(suffix) for suffix in suffixes)
