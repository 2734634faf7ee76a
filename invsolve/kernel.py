"""Abstract `Kernel`: how to go one noise level down, given a clean estimate."""

import abc
from typing import ClassVar

from torch import Tensor

from invsolve.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.schedule import NoiseLevel


class Kernel(abc.ABC):
    """The reverse transition ``p(z' | z, prediction)`` from `level` to the less noisy `target`."""

    references: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """``z'`` at `target`; at the clean level (``s' = 0``) it is the clean estimate itself for most kernels."""
