"""Abstract `Weights`: trained parameters that a plugin carries or knows where to find."""

import abc
from pathlib import Path
from typing import ClassVar


class Weights(abc.ABC):
    """The parameters of a network under a name, so that a recipe need not hold a path."""

    references: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def path(self) -> Path:
        """The `.safetensors` file that holds them; raises `ReadError` if it is not there, with what to do."""
