"""`JointTable`: several evaluations, or several runs, side by side: methods by data, and gains pair by pair."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, final

import attrs
import numpy as np

from invsolve.evaluation.latex import latex_table
from invsolve.evaluation.measures import OWN, Measures
from invsolve.evaluation.statistics import Interval, median_interval
from invsolve.evaluation.summary import NOTE, Summary, aligned, interval_cell
from invsolve.metrics.score import Score
from invsolve.recipe import Recipe
from invsolve.recipe.serialise import to_data

CLIPS, SAMPLES = "clips", "samples of one input"
SAMPLES_NOTE: Final = (
    "Medians over samples [95 % bootstrap interval of the median], which tell how samples vary, not how inputs do. "
    "Arrows point to the better values."
)
GAIN_NOTE: Final = (
    "Medians of the differences, pair by pair [95 % bootstrap interval]; an interval without 0 tells a difference."
)


@final
@attrs.frozen(eq=False)
class Evaluated:
    """What was measured, with what it is called.

    Attributes:
        label: the recipe's name, with what sets it apart within its sweep.
        data: what was observed, as text that is the same for the same observations.
        summary: the measurements.
        unit: what each of them is of, in the plural: clips, or samples of one input.
    """

    label: str
    data: str
    summary: Summary
    unit: str = CLIPS

    @classmethod
    def of(cls, recipe: Recipe, summary: Summary) -> "Evaluated":
        """A recipe over many clips."""
        parts = (recipe.input, recipe.operator, recipe.noise)
        data = json.dumps([to_data(part, recipe.catalog) for part in parts], sort_keys=True)
        return cls(f"{recipe.name} {recipe.label}".strip(), data, summary)


@final
@attrs.frozen(eq=False)
class Part:
    """The rows of one set of data.

    Attributes:
        title: what it is called.
        said: a sentence on what the rows are about.
        note: what its numbers mean.
        rows: a summary for each row, of what all of them have.
        scores: the columns.
    """

    title: str
    said: str
    note: str
    rows: Mapping[str, Summary]
    scores: tuple[Score, ...]

    @property
    def reference(self) -> str:
        """The row that gains are over: the first."""
        return next(iter(self.rows))

    def interval(self, row: str, score: Score) -> Interval:
        """The median of a column of a row."""
        return self.rows[row].interval(OWN, score.name)

    def gain(self, row: str, score: Score) -> Interval:
        """The median of what `row` has more than the reference, pair by pair; NaN without pairs."""
        own, other = (self.rows[name].clips for name in (row, self.reference))
        pairs = [
            float(np.mean(own[clip][OWN][score.name]) - np.mean(other[clip][OWN][score.name]))
            for clip in own
            if clip in other and score.name in own[clip][OWN] and score.name in other[clip][OWN]
        ]
        return median_interval([pair for pair in pairs if np.isfinite(pair)])

    @property
    def compared(self) -> tuple[Score, ...]:
        """The columns of gains: those of which one way is better."""
        return tuple(score for score in self.scores if score.better is not None)


@final
@attrs.frozen(eq=False)
class JointTable:
    """A part for each set of data; a row for each recipe, then one for each of their baselines.

    Rows of a part are about the clips that all of its recipes have done. A baseline that several recipes have with the
    same numbers stands once; one with other numbers has the recipe's label behind it.

    Attributes:
        parts: one for each set of data.
    """

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, evaluated: Sequence[Evaluated]) -> "JointTable":
        """Of one or more; labels that occur twice get a number."""
        by_data: dict[str, list[Evaluated]] = {}
        for each in evaluated:
            by_data.setdefault(each.data, []).append(each)
        return cls(tuple(_part(f"data {number}", group) for number, group in enumerate(by_data.values(), start=1)))

    @property
    def markdown(self) -> str:
        """Readable as it is: for each part its medians, then its gains over the first row."""
        return "\n".join(_markdown(part) for part in self.parts)

    @property
    def latex(self) -> str:
        """A tabular for each part, in the style of booktabs; the best median of each column is bold."""
        return "\n".join(latex_table(part.title, part.said, _cells(part), _best(part)) for part in self.parts)

    @property
    def csv(self) -> str:
        """A line for each part, row and column: median, gain over the first row, and the ends of their intervals."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        kinds = ("median", "low", "high", "gain", "gain_low", "gain_high")
        writer.writerow(["data", "row", "measure", "unit", "better", *kinds, "over"])
        for part in self.parts:
            for name in part.rows:
                for score in part.scores:
                    found = attrs.astuple(part.interval(name, score))
                    own = name != part.reference and score in part.compared
                    gain = attrs.astuple(part.gain(name, score)) if own else ()
                    numbers = [f"{value:.6g}" if np.isfinite(value) else "" for value in (*found, *gain)]
                    numbers += [""] * (len(kinds) - len(numbers))
                    facts = [part.title, name, score.name, score.unit, score.better or ""]
                    writer.writerow([*facts, *numbers, part.reference if own else ""])
        return text.getvalue()


def _markdown(part: Part) -> str:
    lines = [aligned(_cells(part)), "", f"{part.title}: {part.said} {part.note}", ""]
    if len(part.rows) > 1 and part.compared:
        head = [f"gain over {part.reference}", *(score.title + score.arrow for score in part.compared)]
        rows = [
            [name, *(interval_cell(part.gain(name, score), _signed(score)) for score in part.compared)]
            for name in list(part.rows)[1:]
        ]
        lines += [aligned([head, *rows]), "", GAIN_NOTE, ""]
    return "\n".join(lines)


def _cells(part: Part) -> list[list[str]]:
    head = [part.title, *(score.title + score.arrow for score in part.scores)]
    return [
        head,
        *(
            [name, *(interval_cell(part.interval(name, score), score.text) for score in part.scores)]
            for name in part.rows
        ),
    ]


def _signed(score: Score) -> Callable[[float], str]:
    return attrs.evolve(score, signed=True).text


def _best(part: Part) -> set[tuple[int, int]]:
    """Row and column of the best cells, counted from the first row below the heading and the first score."""
    best: set[tuple[int, int]] = set()
    for column, score in enumerate(part.scores):
        medians = [part.interval(name, score).median for name in part.rows]
        known = [value for value in medians if np.isfinite(value)]
        if score.better is None or len(known) < 2:
            continue
        top = max(known) if score.better == "higher" else min(known)
        best |= {(row, column) for row, value in enumerate(medians) if score.text(value) == score.text(top)}
    return best


def place_of(out: Path, evaluations: Sequence[str]) -> tuple[Path, str]:
    """Where the joint table of these evaluations (their hashes) is written, and the line at its end that names them.

    That is ``compare.md``, and a name of its own where ``compare.md`` is about other evaluations.
    """
    line = f"<!-- evaluations: {' '.join(evaluations)} -->"
    usual = out / "compare.md"
    if not usual.exists() or usual.read_text(encoding="utf-8").rstrip().endswith(line):
        return usual, line
    return out / f"compare-{hashlib.sha256(line.encode()).hexdigest()[:8]}.md", line


def _part(title: str, group: Sequence[Evaluated]) -> Part:
    common = set.intersection(*({*each.summary.clips} for each in group))
    named = _rows(group, common)
    scores = tuple(score for score in _scores(group) if _told(named.values(), score))
    labels = ", ".join(list(named)[: len(group)])
    unit = group[0].unit if len(common) != 1 else group[0].unit.removesuffix("s")
    said = f"{labels}; {len(common)} {unit} that all of them have."
    return Part(title, said, NOTE if group[0].unit == CLIPS else SAMPLES_NOTE, named, scores)


def _told(rows: Iterable[Summary], score: Score) -> bool:
    """Whether any row has a finite number of it: still pictures have none about time."""
    return any(np.isfinite(value) for row in rows for value in row.values(OWN, score.name))


def _rows(group: Sequence[Evaluated], common: set[str]) -> dict[str, Summary]:
    """A summary of one subject for each row."""
    rows: dict[str, Summary] = {}
    for each in group:
        rows[_free(each.label, rows)] = _of(each.summary, OWN, common)
    for each in group:
        for baseline in each.summary.subjects[1:]:
            row = _of(each.summary, baseline, common)
            if any(_same(row, other) for other in rows.values()):
                continue
            name = baseline if baseline not in rows else f"{baseline} ({each.label})"
            rows[_free(name, rows)] = row
    return rows


def _free(name: str, taken: Mapping[str, object]) -> str:
    """The name, with a number behind it where it is taken."""
    numbered = (name if i == 1 else f"{name} ({i})" for i in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)


def _of(summary: Summary, subject: str, common: set[str]) -> Summary:
    clips: dict[str, dict[str, Measures]] = {
        name: {OWN: measures[subject]}
        for name, measures in summary.clips.items()
        if name in common and subject in measures
    }
    return Summary(clips, summary.scores)


def _same(one: Summary, other: Summary) -> bool:
    """Whether all that both measured is equal, the time it took aside."""
    names = {name for row in (one, other) for clip in row.clips.values() for name in clip[OWN]} - {"seconds"}
    return one.clips.keys() == other.clips.keys() and all(
        one.values(OWN, name) == other.values(OWN, name) for name in names
    )


def _scores(group: Sequence[Evaluated]) -> Iterator[Score]:
    """The columns of all, each once."""
    return iter(dict.fromkeys(score for each in group for score in each.summary.columns))
