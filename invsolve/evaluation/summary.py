"""Numbers over all clips: metrics.json, details.json, clips.csv and the table."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, final

import attrs
import numpy as np

from invsolve.evaluation.measures import OWN, SUMMARY, Measures, table_scores
from invsolve.evaluation.statistics import Interval, median_interval
from invsolve.metrics.score import Score

GAINS: Final = ("psnr_best_direction", "psnr_mean_of_samples")
NOTE: Final = (
    "Medians over clips [95 % bootstrap interval of the median]; better way: in the better direction of time, as are "
    "the mean and the best of K samples. Arrows point to the better values."
)


@final
@attrs.frozen(eq=False)
class Summary:
    """The measurements of each clip.

    Attributes:
        clips: by the clip's name, what was measured of the samples (under the empty name) and of every baseline.
        scores: the columns of the table.
    """

    clips: Mapping[str, Mapping[str, Measures]]
    scores: tuple[Score, ...] = attrs.field(factory=lambda: table_scores(()))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The names of what was measured: the samples first."""
        named = dict.fromkeys(of for measures in self.clips.values() for of in measures)
        return (OWN, *(of for of in named if of != OWN))

    def values(self, of: str, name: str) -> list[float]:
        """A measure of every clip that has it, the mean over its samples and frames."""
        found = (measures[of][name] for measures in self.clips.values() if name in measures.get(of, {}))
        return [float(np.mean(value)) for value in found]

    def interval(self, of: str, name: str) -> Interval:
        """The median of a measure over clips."""
        return median_interval(self.values(of, name))

    def gain(self, over: str, name: str) -> Interval:
        """The median over clips of what the samples have more than a baseline."""
        pairs = [
            (measures[OWN][name], measures[over]["psnr_best_direction"])
            for measures in self.clips.values()
            if name in measures[OWN] and "psnr_best_direction" in measures.get(over, {})
        ]
        return median_interval([float(np.mean(own) - np.mean(other)) for own, other in pairs])

    @property
    def metrics(self) -> dict[str, Any]:
        """metrics.json: the few numbers that tell most, each with median, low and high."""
        found = {of: {key: self.interval(of, name).plain for key, name in SUMMARY.items()} for of in self.subjects}
        return {**found.pop(OWN), "baselines": found}

    @property
    def details(self) -> dict[str, Any]:
        """details.json: every measure, and gains over the baselines clip by clip."""
        found = {}
        for of in self.subjects:
            names = dict.fromkeys(name for measures in self.clips.values() for name in measures.get(of, {}))
            found[of or "samples"] = {name: self.interval(of, name).plain for name in names}
        gains = {of: {name: self.gain(of, name).plain for name in GAINS} for of in self.subjects if of != OWN}
        both = self.values(OWN, "both_directions")
        return {
            "clips": len(self.clips),
            "clips_with_both_directions": int(sum(both)),
            "note": NOTE,
            "measures": found,
            "gain_over": gains,
        }

    @property
    def sheet(self) -> str:
        """clips.csv: a row for each clip and subject, a column for each measure, means over samples and frames."""
        names = dict.fromkeys(name for clip in self.clips.values() for found in clip.values() for name in found)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["clip", "of", *names])
        for clip, measures in self.clips.items():
            for of, found in measures.items():
                cells = [f"{np.mean(found[name]):.6g}" if name in found else "" for name in names]
                writer.writerow([clip, of or "samples", *cells])
        return text.getvalue()

    def table(self, title: str) -> str:
        """A table in Markdown that is readable as it is."""
        columns = [score for score in self.scores if self.values(OWN, score.name)]
        rows = [[title, *(score.title + score.arrow for score in columns)]]
        for of in self.subjects:
            cells = (interval_cell(self.interval(of, score.name), score.text) for score in columns)
            rows.append([of or "samples", *cells])
        said = [f"{len(self.clips)} clips. {NOTE}", *self._gains()]
        both = self.values(OWN, "both_directions")
        if any(both):
            said.append(f"Both directions of time occur among the samples of {int(sum(both))} clips.")
        return "\n".join([aligned(rows), "", *said, ""])

    def _gains(self) -> Iterator[str]:
        """A sentence for each baseline."""
        for of in self.subjects[1:]:
            cells = [interval_cell(self.gain(of, name), "{:+.2f}".format) for name in GAINS]
            said = [f"{what} {cell} dB" for what, cell in zip(("a sample", "their mean"), cells, strict=True) if cell]
            if said:
                yield f"Gain over {of}, clip by clip: {', '.join(said)}."

    def ranked(self) -> Sequence[str]:
        """The names of the clips, the best first: by PSNR, or by how well the observation is explained."""
        scored = {name: measures[OWN] for name, measures in self.clips.items()}
        if self.values(OWN, "psnr_best_direction"):
            return sorted(scored, key=lambda name: -float(np.mean(scored[name]["psnr_best_direction"])))
        return sorted(scored, key=lambda name: float(np.mean(scored[name]["reblur_chi_square"])))


def interval_cell(found: Interval, text: Callable[[float], str]) -> str:
    """A median with its interval; empty where nothing was measured."""
    if np.isnan(found.median):
        return ""
    median, low, high = (text(value) for value in attrs.astuple(found))
    return median if low == high else f"{median} [{low}, {high}]"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table in Markdown, the first one its heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows]
    rule = f"| {' | '.join('-' * width for width in widths)} |"
    return "\n".join([lines[0], rule, *lines[1:]])
