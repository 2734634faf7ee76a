"""Metric `coverage`: how often the samples' intervals hold the truth."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.operator.seen_values import seen_values
from invsolve.posterior.coverage import coverage
from invsolve.validators import number


@final
@attrs.frozen
class Coverage(Metric):
    """The part of the truth's values inside of the samples' central intervals.

    Gives ``coverage``, ``coverage_nominal``, what the right posterior would have on average with as many samples, and
    ``coverage_error``, the standard error if the samples were of it (see `invsolve.posterior.coverage`): far below
    nominal, the samples are surer than they may be. Where a linear operator hides values of the video, as a mask does,
    ``coverage_seen`` and ``coverage_hidden`` are those of what it shows and of the rest, of which only the prior
    knows. Empty without a truth of the samples' shape, and for one sample.

    Attributes:
        level: the nominal coverage wanted, between 0 and 1; the nearest that the number of samples allows is taken.

    Examples:
        ```python
        Coverage(level=0.9).evaluate(reconstruction)["coverage"]
        ```

        ```yaml
        metrics: [{use: coverage, level: 0.9}]
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = (
        Score("coverage", "coverage", tables=()),
        Score("coverage_nominal", "nominal coverage", tables=()),
        Score("coverage_error", "error of coverage", tables=()),
        Score("coverage_seen", "coverage of what is seen", tables=()),
        Score("coverage_hidden", "coverage of what is hidden", tables=()),
    )

    level: float = attrs.field(default=0.9, validator=[number(above=0.0), number(below=1.0)])

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The part found, the nominal one, and the error; the parts of what is seen and hidden, where something is."""
        truth = reconstruction.comparable_truth
        if truth is None or len(reconstruction.video) < 2:
            return {}
        video = reconstruction.video
        found = coverage(video, truth, self.level)
        values = {
            "coverage": found.observed,
            "coverage_nominal": found.nominal,
            "coverage_error": found.error,
        }
        seen = seen_values(reconstruction.operator, reconstruction.observation)
        if seen is None or bool(seen.all()) or not bool(seen.any()):
            return values
        for name, where in (("coverage_seen", seen), ("coverage_hidden", ~seen)):
            # as many channels of one frame of one pixel
            samples, true = (each[..., where][..., None, None, None] for each in (video, truth))
            values[name] = coverage(samples, true, self.level).observed
        return values

    @classmethod
    def sentences(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The share of intervals that hold the truth."""
        if not isinstance(values.get("coverage"), float):
            return ()
        error = values.get("coverage_error")
        known = isinstance(error, float) and math.isfinite(error)
        spread = f" ± {error:.1%}" if known else ""
        said = f"{values['coverage_nominal']:.0%} intervals hold {values['coverage']:.1%}{spread} of the truth"
        if isinstance(values.get("coverage_seen"), float):
            said += (
                f": {values['coverage_seen']:.1%} of what is seen, {values['coverage_hidden']:.1%} of what is hidden"
            )
        return (said if known else f"{said}; three samples would tell how sure that is",)
