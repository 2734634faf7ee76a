"""`joint_table`: several evaluations in one table, methods by data."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import final

import attrs

from invsolve.evaluation.measures import OWN, Measures
from invsolve.evaluation.summary import NOTE, Summary, aligned, interval_cell
from invsolve.metrics.score import Score
from invsolve.recipe import Recipe
from invsolve.recipe.serialise import to_data


@final
@attrs.frozen(eq=False)
class Evaluated:
    """A recipe with what was measured."""

    recipe: Recipe
    summary: Summary

    @property
    def label(self) -> str:
        """The recipe's name, with what sets it apart within its sweep."""
        return f"{self.recipe.name} {self.recipe.label}".strip()

    @property
    def data(self) -> str:
        """What was observed, as text that is the same for the same observations."""
        parts = (self.recipe.input, self.recipe.operator, self.recipe.noise)
        return json.dumps([to_data(part, self.recipe.catalog) for part in parts], sort_keys=True)


def joint_table(evaluated: Sequence[Evaluated]) -> str:
    """A part for each set of data, in Markdown; a row for each recipe, then one for each of their baselines.

    Rows of a part are about the clips that all of its recipes have done. A baseline that several recipes have with the
    same numbers stands once; one with other numbers has the recipe's label behind it.
    """
    by_data: dict[str, list[Evaluated]] = {}
    for each in evaluated:
        by_data.setdefault(each.data, []).append(each)
    return "\n".join(_part(f"data {number}", group) for number, group in enumerate(by_data.values(), start=1))


def place_of(out: Path, evaluations: Sequence[str]) -> tuple[Path, str]:
    """Where the joint table of these evaluations (their hashes) is written, and the line at its end that names them.

    That is ``compare.md``, and a name of its own where ``compare.md`` is about other evaluations.
    """
    line = f"<!-- evaluations: {' '.join(evaluations)} -->"
    usual = out / "compare.md"
    if not usual.exists() or usual.read_text(encoding="utf-8").rstrip().endswith(line):
        return usual, line
    return out / f"compare-{hashlib.sha256(line.encode()).hexdigest()[:8]}.md", line


def _part(title: str, group: Sequence[Evaluated]) -> str:
    common = set.intersection(*({*each.summary.clips} for each in group))
    named = _rows(group, common)
    scores = [score for score in _scores(group) if any(row.values(OWN, score.name) for row in named.values())]
    rows = [[title, *(score.title + score.arrow for score in scores)]]
    for name, row in named.items():
        rows.append([name, *(interval_cell(row.interval(OWN, score.name), score.text) for score in scores)])
    observed = f"{title}: {', '.join(each.label for each in group)}; {len(common)} clips that all of them have."
    return "\n".join([aligned(rows), "", f"{observed} {NOTE}", ""])


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
    return iter(dict.fromkeys(score for each in group for score in each.summary.scores))
