"""Abstract `Metric`: numbers that say how good a solution is."""

import abc
from collections.abc import Mapping

from invsolve.metrics.reconstruction import Reconstruction
from invsolve.parts import Part

Values = Mapping[str, float | list[float]]


class Metric(Part):
    """Judges a reconstruction. Values are single numbers, or lists with one number for each sample."""

    @abc.abstractmethod
    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The values under their names; empty where the metric does not apply, as without a truth."""
