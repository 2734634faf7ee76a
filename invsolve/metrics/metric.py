"""Abstract `Metric`: numbers that say how good a solution is."""

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

from invsolve.metrics.reconstruction import Reconstruction
from invsolve.metrics.score import Score
from invsolve.parts import Part

Values = Mapping[str, float | list[float]]


class Metric(Part):
    """Judges a reconstruction.

    A metric of a plugin is a class like the one below and a line in the plugin's manifest; a recipe then names it under
    ``metrics``, and each of its ``scores`` has a column in the summary of a run and in the table of an evaluation.

    Attributes:
        scores: how tables show its values, class attribute; a list of numbers without a `Score` has a column under its
            own key in the summary of a run.

    Examples:
        ```python
        @final
        @attrs.frozen
        class Brightness(Metric):
            scores: ClassVar[tuple[Score, ...]] = (Score("brightness", "brightness", decimals=2),)

            def evaluate(self, reconstruction: Reconstruction) -> Values:
                return {"brightness": reconstruction.video.flatten(1).mean(1).tolist()}
        ```
    """

    scores: ClassVar[tuple[Score, ...]] = ()

    @abc.abstractmethod
    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The values under their names: a single number, or a list with one for each of the ``s`` samples.

        Empty where the metric does not apply, as without a truth: it raises nothing for a reconstruction that it can
        say nothing of. Values must not depend on the device or on samples in another order.
        """

    @classmethod
    def sentences(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """A summary of the values over all samples, for the end of a run; nothing by default.

        Args:
            values: those of all metrics of the run, as read from ``metrics.json``: any may be missing, or None.
        """
        return ()
