"""The report of an evaluation: tables and pictures."""

from invsolve.evaluation.contact_sheet import write_contact_sheet
from invsolve.evaluation.evaluation import Evaluation
from invsolve.evaluation.summary import Summary
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json


def write_report(evaluation: Evaluation, summary: Summary) -> None:
    """Write metrics.json, details.json, clips.csv, table.md and contact_sheet.png, in place of older ones.

    Raises:
        WriteError: where the disk does not take them.
        RunFailed: where the disk does not take them.
    """
    folder = evaluation.folder
    write_json(folder / "metrics.json", summary.metrics, replace=True)
    write_json(folder / "details.json", summary.details, replace=True)
    write_text(folder / "clips.csv", summary.sheet, replace=True)
    write_text(folder / "table.md", summary.table(evaluation.recipe.name), replace=True)
    ranked = summary.ranked()
    chosen = {"best": ranked[0], "median": ranked[(len(ranked) - 1) // 2], "worst": ranked[-1]}
    write_contact_sheet(folder / "contact_sheet.png", {word: evaluation.file(name) for word, name in chosen.items()})
