"""A table of a run's numbers, for the terminal."""

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    ("psnr", "PSNR [dB]", "{:.2f}"),
    ("psnr_gain", "gain [dB]", "{:+.2f}"),
    ("psnr_best_direction", "better way [dB]", "{:.2f}"),
    ("t_psnr_best_direction", "T-PSNR [dB]", "{:.2f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("ssim_best_direction", "SSIM, better way", "{:.4f}"),
    ("runs_forward", "forward", "{:.0f}"),
    ("reblur_chi_square", "chi-square", "{:.3f}"),
    ("mode", "mode", "{:.0f}"),
)
SINGLE_ROWS = (("mean", "_mean"), ("observed", "_observed"), ("truth", "_truth"))
MEANS = {"psnr_gain": "psnr_mean_gain", "psnr_best_direction": "psnr_mean_of_samples"}


def summary_rows(values: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: one for each sample, and one for the mean, the observation and the truth where known.

    Metrics beyond those known here have a column of their own under their own name, if they speak of samples.
    """
    known = [name for name, _, _ in COLUMNS]
    others = [
        name for name, value in values.items() if isinstance(value, list) and name not in (*known, "reblur_misfit")
    ]
    columns = [column for column in COLUMNS if column[0] in values] + [(name, name, "{:.4g}") for name in others]
    count = max((len(value) for value in values.values() if isinstance(value, list)), default=0)
    rows = [
        [f"sample {number}", *(_cell(values[name], number, form) for name, _, form in columns)]
        for number in range(count)
    ]
    for title, suffix in SINGLE_ROWS:
        if suffix == "_mean" and count < 2:
            continue
        means = MEANS if suffix == "_mean" else {}
        names = [means.get(name, f"{name}{suffix}") for name, _, _ in columns]
        if any(name in values for name in names):
            forms = [form for _, _, form in columns]
            cells = [_number(values.get(name), form) for name, form in zip(names, forms, strict=True)]
            rows.append([title, *cells])
    return ["", *(heading for _, heading, _ in columns)], rows


def summary_text(values: Mapping[str, Any]) -> str:
    """`summary_rows` as aligned plain text, and a line on coverage and on modes; empty without any number."""
    headings, rows = summary_rows(values)
    table = [headings, *rows] if rows else []
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))] if table else []
    return "\n".join([*(_line(row, widths) for row in table), *_remarks(values)])


def _remarks(values: Mapping[str, Any]) -> list[str]:
    """What concerns all samples: how often their intervals hold the truth, and their modes if there are several."""
    lines = []
    if isinstance(values.get("coverage"), float):
        error = values.get("coverage_error")
        spread = f" ± {error:.1%}" if isinstance(error, float) else ""
        nominal = values["coverage_nominal"]
        lines.append(f"{nominal:.0%} intervals hold {values['coverage']:.1%}{spread} of the truth")
    weights = [values[name] for number in range(len(values)) if (name := f"mode_{number}_weight") in values]
    if len(weights) > 1:
        middles = ", ".join(
            f"{weight:.0%} around sample {values[f'mode_{number}_sample']:.0f}" for number, weight in enumerate(weights)
        )
        lines.append(f"{len(weights)} modes: {middles}")
    return lines


def _line(row: list[str], widths: list[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *others]).rstrip()


def _cell(value: Any, number: int, form: str) -> str:
    return _number(value[number] if isinstance(value, list) and number < len(value) else None, form)


def _number(value: Any, form: str) -> str:
    return form.format(value) if isinstance(value, int | float) else ""
