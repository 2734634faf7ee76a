"""Abstract `Metric`: numbers that say how good a solution is."""

import abc
from collections.abc import Mapping
from typing import ClassVar

from invsolve.metrics.reconstruction import Reconstruction

Values = Mapping[str, float | list[float]]


class Metric(abc.ABC):
    """Judges a reconstruction. Values are single numbers, or lists with one number for each sample."""

    references: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def evaluate(self, reconstruction: Reconstruction) -> Values:
        """The values under their names; empty where the metric does not apply, as without a truth."""
