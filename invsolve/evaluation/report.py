"""The report of an evaluation: tables and pictures."""

from invsolve.evaluation.contact_sheet import write_contact_sheet
from invsolve.evaluation.evaluation import Evaluation
from invsolve.evaluation.summary import Summary
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json


def write_report(evaluation: Evaluation, summary: Summary) -> None:
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
    if "contact_sheet" not in evaluation.recipe.outputs:
        return
    ranked = summary.ranked()
    words: dict[str, list[str]] = {}
    for word, place in (("best", 0), ("median", (len(ranked) - 1) // 2), ("worst", -1)):
        words.setdefault(ranked[place], []).append(word)
    # of few clips, one is several of these
    shown = {", ".join(said): evaluation.file(name) for name, said in words.items()}
    write_contact_sheet(folder / "contact_sheet.png", shown)
