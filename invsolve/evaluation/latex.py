"""Tables for LaTeX."""

from collections.abc import Sequence, Set
from typing import Final

SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "−": r"$-$",
    "[": "{[}",
    "]": "{]}",
}


def latex_table(title: str, said: str, rows: Sequence[Sequence[str]], bold: Set[tuple[int, int]] = frozenset()) -> str:
    """A tabular in the style of the package booktabs, with `said` in a comment above it.

    Args:
        title: what it is called, in the comment.
        said: what the rows are about.
        rows: cells, the first row being the headings and the first column names; all are plain text.
        bold: row and column of the cells that are bold, counted without headings and names.
    """
    first, *others = rows
    lines = [f"% {title}: {' '.join(said.split())}", rf"\begin{{tabular}}{{l{'r' * (len(first) - 1)}}}", r"  \toprule"]
    lines += [_line([escaped(cell) for cell in first]), r"  \midrule"]
    for number, (name, *cells) in enumerate(others):
        shown = [
            rf"\textbf{{{escaped(cell)}}}" if (number, column) in bold and cell else escaped(cell)
            for column, cell in enumerate(cells)
        ]
        lines.append(_line([escaped(name), *shown]))
    return "\n".join([*lines, r"  \bottomrule", r"\end{tabular}", ""])


def escaped(text: str) -> str:
    """Plain text as LaTeX writes it, on one line."""
    return "".join(SPECIAL.get(character, character) for character in " ".join(text.split()))


def _line(cells: Sequence[str]) -> str:
    return f"  {' & '.join(cells)} \\\\"
