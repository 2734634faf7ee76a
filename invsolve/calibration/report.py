"""A calibration as a table for the terminal."""

from collections.abc import Mapping
from typing import Any, Final

HEADINGS: Final = ("quantity", "p", "chi-square", "ECDF", "slope", "bend", "")


def report_text(data: Mapping[str, Any]) -> str:
    """`Calibration.data` as aligned plain text: p-values (corrected, and of each test), the shape, and the verdict."""
    rows = [HEADINGS, *(_row(name, values) for name, values in data["quantities"].items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS) - 1)]
    lines = [_line(row, widths) for row in rows]
    how = "from the prior's closed form" if data["truths"] == "exact" else "drawn by the sampler without observation"
    told = (
        f"{data['draws']} simulated truths, {how}, each among {data['samples']} samples; ranks uneven where p <= 0.01"
    )
    return "\n".join([told, *lines, data["verdict"]])


def _row(name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [f"{values[key]:.2g}" for key in ("p", "p_chi_square", "p_ecdf")]
    meaning = "" if values["shape"] == "EVEN" else values["meaning"]
    return (name, *numbers, f"{values['slope']:+.1f}", f"{values['bend']:+.1f}", meaning)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = (cell for cell in row[:-1])
    cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))]
    return "  ".join([*cells, row[-1]]).rstrip()
