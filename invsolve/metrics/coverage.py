"""Metric `coverage`: how often the samples' intervals hold the truth."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from invsolve.metrics.metric import Metric, Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.posterior.coverage import coverage
from invsolve.validators import number


@final
@attrs.frozen
class Coverage(Metric):
    """The part of the truth's values inside of the samples' central intervals.

    Gives ``coverage``, ``coverage_nominal``, what the right posterior would have on average with as many samples, and
    ``coverage_error``, the standard error if the samples were of it (see `invsolve.posterior.coverage`): far below
    nominal, the samples are surer than they may be. Empty without a truth of the samples' shape, and for one sample.

    - ``level``: the nominal coverage wanted, between 0 and 1; the nearest that the number of samples allows is taken.

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
    )

    level: float = attrs.field(default=0.9, validator=[number(above=0.0), number(below=1.0)])

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The part found, the nominal one, and the error."""
        truth = reconstruction.comparable_truth
        if truth is None or len(reconstruction.video) < 2:
            return {}
        found = coverage(reconstruction.video, truth, self.level)
        return {
            "coverage": found.observed,
            "coverage_nominal": found.nominal,
            "coverage_error": found.error,
        }

    @classmethod
    def sentences(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The share of intervals that hold the truth."""
        if not isinstance(values.get("coverage"), float):
            return ()
        error = values.get("coverage_error")
        spread = f" ± {error:.1%}" if isinstance(error, float) else ""
        return (f"{values['coverage_nominal']:.0%} intervals hold {values['coverage']:.1%}{spread} of the truth",)
