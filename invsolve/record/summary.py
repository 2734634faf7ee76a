"""A table of a run's numbers, for the terminal."""

from collections.abc import Mapping
from typing import Any

from invsolve.errors import BrokenPlugin
from invsolve.metrics.metric import Metric
from invsolve.metrics.score import Score
from invsolve.plugin import Catalog

OBSERVED, TRUTH = ("observed", "_observed"), ("truth", "_truth")


def summary_rows(values: Mapping[str, Any], catalog: Catalog | None = None) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: one for each sample, and one for the mean, the observation and the truth where known.

    Every `Score` of a metric in the catalogue (by default, of all that is installed) has a column, in the order of
    `values`. What no metric has a heading for has a column under its own name, if it speaks of samples.
    """
    scores = {score.name: score for metric in known_metrics(catalog) for score in metric.scores}
    columns = [scores.get(name) or name for name, value in values.items() if isinstance(value, list)]
    shown = [column for column in columns if isinstance(column, str) or "run" in column.tables]
    names = [column if isinstance(column, str) else column.name for column in shown]
    count = max((len(values[name]) for name in names), default=0)
    rows = [
        [f"sample {number}", *(_cell(values[name], number, column) for name, column in zip(names, shown, strict=True))]
        for number in range(count)
    ]
    means = [f"{c}_mean" if isinstance(c, str) else c.mean or f"{c.name}_mean" for c in shown]
    singles = [("mean", means)] if count > 1 else []
    singles += [(title, [f"{name}{suffix}" for name in names]) for title, suffix in (OBSERVED, TRUTH)]
    for title, keys in singles:
        if any(key in values for key in keys):
            rows.append([title, *(_number(values.get(key), column) for key, column in zip(keys, shown, strict=True))])
    return ["", *(column if isinstance(column, str) else column.title for column in shown)], rows


def summary_text(values: Mapping[str, Any], catalog: Catalog | None = None) -> str:
    """`summary_rows` as aligned plain text, then what concerns all samples; empty without any number.

    That is a line for each single number that has a heading, and the metrics' own sentences.
    """
    if not values:
        return ""
    headings, rows = summary_rows(values, catalog)
    table = [headings, *rows] if rows else []
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))] if table else []
    return "\n".join([*(_line(row, widths) for row in table), *sentences(values, catalog)])


def sentences(values: Mapping[str, Any], catalog: Catalog | None = None) -> tuple[str, ...]:
    """What concerns all samples: a line for each single number that has a heading, and the metrics' own sentences."""
    metrics = known_metrics(catalog)
    singles = [
        f"{score.title}: {_number(values[score.name], score)}"
        for metric in metrics
        for score in metric.scores
        if "run" in score.tables and isinstance(values.get(score.name), int | float)
    ]
    return (*singles, *(sentence for metric in metrics for sentence in metric.sentences(values)))


def known_metrics(catalog: Catalog | None) -> list[type[Metric]]:
    """Those that can be loaded: a broken plugin takes nothing but its headings away."""
    catalog = catalog or Catalog.discover()
    found = []
    for entry in catalog.of_kind("metric"):
        try:
            found.append(catalog.load_entry(entry))
        except BrokenPlugin:
            continue
    return found


def _line(row: list[str], widths: list[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *others]).rstrip()


def _cell(value: Any, number: int, column: Score | str) -> str:
    return _number(value[number] if isinstance(value, list) and number < len(value) else None, column)


def _number(value: Any, column: Score | str) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value:.4g}" if isinstance(column, str) else column.text(float(value))
