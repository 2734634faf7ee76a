"""Abstract `Weights`: trained parameters that a plugin carries or knows where to find."""

import abc
from pathlib import Path

from invsolve.parts import Part
from invsolve.plugin import Catalog


class Weights(Part):
    """The parameters of a network under a name, so that a recipe need not hold a path."""

    @abc.abstractmethod
    def path(self) -> Path:
        """The `.safetensors` file that holds them; raises `ReadError` if it is not there, with what to do."""

    @property
    def own_files(self) -> tuple[Path, ...]:
        """The file that holds them: other parameters under the same name are another part."""
        return (self.path(),)


def weights_named(name: Weights | str | None) -> Weights | None:
    """The converter of a field for weights: a name stands for the installed weights that it belongs to.

    Raises:
        UnknownComponent: for a name that no installed plugin offers.
        AmbiguousComponent: where several do.
    """
    if not isinstance(name, str):
        return name
    found: Weights = Catalog.discover().load("weights", name)()
    return found
