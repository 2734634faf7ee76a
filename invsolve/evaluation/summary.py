"""Numbers over all clips: metrics.json, details.json, clips.csv and the table."""

import csv
import io
import math
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


BETTER_WAY: Final = ", better way"
STILL_NOTE: Final = "Medians over clips [95 % bootstrap interval of the median]. Arrows point to the better values."


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
                means = (float(np.mean(found[name])) if name in found else math.nan for name in names)
                cells = ["" if math.isnan(mean) else f"{mean:.6g}" for mean in means]
                writer.writerow([clip, of or "samples", *cells])
        return text.getvalue()

    def table(self, title: str) -> str:
        """A table in Markdown that is readable as it is."""
        return "\n".join([aligned(self.rows(title)), "", *self.said, ""])

    def rows(self, title: str) -> list[list[str]]:
        """The cells of the table, its headings first, of which `title` is the first."""
        columns = self.columns
        rows = [[title, *(score.title + score.arrow for score in columns)]]
        for of in self.subjects:
            cells = (interval_cell(self.interval(of, score.name), score.text) for score in columns)
            rows.append([of or "samples", *cells])
        return rows

    @property
    def columns(self) -> tuple[Score, ...]:
        """The scores that the samples have a number for; of still pictures, those that do not ask for a direction."""
        told = [score for score in self.scores if any(map(math.isfinite, self.values(OWN, score.name)))]
        if self.values(OWN, "runs_forward"):
            return tuple(told)
        # a still runs neither way: what is said of the better one is what an earlier column has said
        values = [[self.values(of, score.name) for of in self.subjects] for score in told]
        kept = (score for place, score in enumerate(told) if values[place] not in values[:place])
        return tuple(attrs.evolve(score, heading=score.heading.removesuffix(BETTER_WAY)) for score in kept)

    @property
    def said(self) -> list[str]:
        """What the table does not say: how many clips, gains, directions of time."""
        timed = bool(self.values(OWN, "runs_forward")) or not self.values(OWN, "psnr")
        said = [f"{len(self.clips)} clips. {NOTE if timed else STILL_NOTE}", *self._gains()]
        both = self.values(OWN, "both_directions")
        if any(both):
            said.append(f"Both directions of time occur among the samples of {int(sum(both))} clips.")
        return said

    def chosen(self) -> dict[str, str]:
        """The names of the best, the median and the worst clip by these words; one clip may be several of them."""
        ranked, words = self.ranked(), dict[str, list[str]]()
        for word, place in (("best", 0), ("median", (len(ranked) - 1) // 2), ("worst", -1)):
            words.setdefault(ranked[place], []).append(word)
        return {", ".join(said): name for name, said in words.items()}

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
