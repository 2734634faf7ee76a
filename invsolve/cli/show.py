"""`invsolve show`: report on a run or an evaluation, or on several in one table."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from invsolve.cli.compare import compare
from invsolve.cli.message import printable
from invsolve.errors import UsageError

Flag = Annotated[bool, Parameter(negative="")]


def show(*run: Path, html: Flag = False) -> None:
    """Report on a run or an evaluation: how it ended, its numbers, and where its pictures are; on several in one table.

    Args:
        run: Folders of runs or of evaluations, or folders that hold such, of which the newest is shown. Several are
            printed as `invsolve compare` prints them.
        html: Write report.html into the folder, a page with players, charts and all that is known, and print its path.
            With plotly installed (`pip install 'invsolve[plots]'`) its charts can be zoomed.
    """
    if not run:
        raise UsageError("name the folder of a run: `invsolve show runs/vdm_md_fast`.")
    if html:
        print("\n".join(str(_write(path)) for path in run))
    elif len(run) > 1:
        compare(*run)
    else:
        print(printable(_text(run[0])))


def _write(path: Path) -> Path:
    from invsolve.evaluation.evaluation_page import evaluation_page
    from invsolve.evaluation.kept import KeptEvaluation
    from invsolve.files.atomic import write_text
    from invsolve.plugin import Catalog
    from invsolve.record.run_content import content_of_folder
    from invsolve.record.run_folder import RunFolder
    from invsolve.record.run_page import REPORT, run_page
    from invsolve.report.page import interactive_installed

    evaluation = KeptEvaluation.find(path)
    if evaluation is not None:
        found, recipe = evaluation.evaluated(), evaluation.recipe()
        page = evaluation_page(evaluation, recipe, found.summary, interactive=interactive_installed())
        write_text(evaluation.path / REPORT, page, replace=True)
        return evaluation.path / REPORT
    folder = RunFolder.open(path)
    page = run_page(content_of_folder(folder), Catalog.discover(), interactive=interactive_installed())
    write_text(folder.path / REPORT, page, replace=True)
    return folder.path / REPORT


def _text(run: Path) -> str:
    from invsolve.calibration.report import report_text
    from invsolve.evaluation.kept import KeptEvaluation
    from invsolve.record.run_content import read_json
    from invsolve.record.run_folder import RunFolder
    from invsolve.record.run_page import REPORT
    from invsolve.record.summary import summary_text

    evaluation = KeptEvaluation.find(run)
    if evaluation is not None:
        files = [path for name in (REPORT, "contact_sheet.png", "clips.csv") for path in evaluation.path.glob(name)]
        lines = [str(evaluation.path), "", evaluation.evaluated().summary.table(evaluation.label)]
        return "\n".join([*lines, *(f"  {path}" for path in files)])
    folder = RunFolder.open(run)
    facts = read_json(folder.path / "provenance.json")
    metrics = folder.path / "metrics.json"
    table = summary_text(read_json(metrics)) if metrics.is_file() else ""
    calibration = folder.path / "calibration.json"
    if calibration.is_file():
        table = report_text(read_json(calibration))
    lines = [str(folder.path), *_facts(facts, folder.state), *(["", table] if table else []), ""]
    files = [*folder.path.glob(REPORT), *sorted(folder.path.glob("*.png")), *sorted(folder.path.glob("*.mp4"))]
    lines += [f"  {path}" for path in [*files, *folder.path.glob("*.nc")]]
    lines += [f"  {path}/ ({len(list(path.glob('*.png')))} frames)" for path in sorted(folder.path.glob("frames*/*"))]
    return "\n".join(lines).rstrip()


def _facts(facts: dict[str, Any], state: str) -> list[str]:
    recipe = facts.get("recipe", {})
    known = {
        "recipe": f"{recipe.get('name', '?')} {recipe.get('label', '')}".rstrip() + f" ({recipe.get('hash8', '?')})",
        "state": state if state == "finished" else f"{state}: {facts.get('message', '')}",
        "outcome": facts.get("outcome"),
        "started": facts.get("started"),
        "took": _duration(facts.get("session_seconds")),
        "peak memory": _size(facts.get("peak_memory_bytes")),
        "device": facts.get("device"),
        "input": facts.get("input", {}).get("name"),
        "seed": facts.get("seed"),
        "samples": facts.get("samples"),
    }
    return [f"  {name:<12}{value}" for name, value in known.items() if value is not None]


def _duration(seconds: Any) -> str | None:
    return f"{seconds:.1f} s" if isinstance(seconds, int | float) else None


def _size(count: Any) -> str | None:
    return f"{count / 2**20:,.0f} MiB" if isinstance(count, int) else None
