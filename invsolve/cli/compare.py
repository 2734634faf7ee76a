"""`invsolve compare`: several runs, or several evaluations, in one table."""

from pathlib import Path
from typing import Literal

from invsolve.errors import UsageError

Format = Literal["markdown", "csv", "latex"]


def compare(*run: Path, format: Format = "markdown", out: Path | None = None) -> None:
    """Print runs, or evaluations, in one table with what each gains over the first, pair by pair.

    Evaluations are compared clip by clip, runs of the same input sample by sample.

    Args:
        run: Folders of runs or of evaluations, or folders that hold such, of which the newest is taken.
        format: What is printed.
        out: Write compare.md, compare.csv, compare.tex and compare.png into this folder, too.
    """
    from invsolve.evaluation.joint_files import write_joint_files
    from invsolve.evaluation.joint_table import JointTable
    from invsolve.evaluation.kept import compared
    from invsolve.files.atomic import make_folder

    if len(run) < 2:
        raise UsageError("name two or more folders of runs or evaluations: `invsolve compare runs/a runs/b`.")
    table = JointTable.of(compared(run))
    print({"markdown": table.markdown, "csv": table.csv, "latex": table.latex}[format].rstrip())
    if out is not None:
        make_folder(out)
        print("\n".join(str(path) for path in write_joint_files(out / "compare.md", table)))
