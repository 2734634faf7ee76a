"""The report of an evaluation: tables and pictures."""

from collections.abc import Mapping
from typing import Any

from invsolve.evaluation.contact_sheet import write_contact_sheet
from invsolve.evaluation.evaluation import Evaluation
from invsolve.evaluation.evaluation_page import evaluation_page
from invsolve.evaluation.kept import KeptEvaluation
from invsolve.evaluation.summary import Summary
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json
from invsolve.record.run_page import REPORT


def write_report(evaluation: Evaluation, summary: Summary, facts: Mapping[str, Any] | None = None) -> None:
    """Write metrics.json, details.json, clips.csv, table.md and, if wanted, contact_sheet.png, in place of older ones.

    Raises:
        WriteError: where the disk does not take them.
        RunFailed: where the disk does not take them.
    """
    folder = evaluation.folder
    write_json(folder / "metrics.json", summary.metrics, replace=True)
    write_json(folder / "details.json", summary.details, replace=True)
    write_text(folder / "clips.csv", summary.sheet, replace=True)
    label = f"{evaluation.recipe.name} {evaluation.recipe.label}".strip()
    write_text(folder / "table.md", summary.table(label), replace=True)
    kept = KeptEvaluation(folder)
    kept.keep_facts(evaluation.recipe, facts or {})
    if "contact_sheet" in evaluation.recipe.outputs:
        files = {word: evaluation.file(name) for word, name in summary.chosen().items()}
        write_contact_sheet(folder / "contact_sheet.png", files)
    if "report" in evaluation.recipe.outputs:
        write_text(folder / REPORT, evaluation_page(kept, evaluation.recipe, summary), replace=True)
