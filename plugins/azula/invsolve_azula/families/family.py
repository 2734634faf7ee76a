"""Abstract `Family`: one kind of published image model."""

import abc
from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor, nn

from invsolve.parts import Part
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule

Config = Mapping[str, Any]


@final
@attrs.frozen
class Pictures:
    """What a network sees: ``channels`` of ``resolution x resolution``, of how many ``classes`` (0: it takes none)."""

    channels: int
    resolution: int
    classes: int


class Family(Part):
    """How to build a network of this family, and what it says of a noisy picture at any level ``z = a z0 + s eps``.

    Attributes:
        name: as files and commands write it.
        title: in messages.
        labels_may_miss: a model of classes may be asked without one.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    labels_may_miss: ClassVar[bool]

    @abc.abstractmethod
    def network(self, config: Config) -> nn.Module:
        """A new network; raises `ComponentError` for a config that it does not know."""

    @abc.abstractmethod
    def schedule(self, config: Config) -> Schedule:
        """The noise levels that it was published with."""

    @abc.abstractmethod
    def pictures(self, config: Config) -> Pictures:
        """What it sees."""

    @abc.abstractmethod
    def predict(
        self, network: Any, config: Config, z: Float[Tensor, "b c 1 h w"], level: NoiseLevel, label: int | None
    ) -> Prediction:
        """One call of the network, differentiable in `z`.

        Raises:
            CapabilityError: at a level without a prediction.
        """

    @abc.abstractmethod
    def tiny(self) -> Config:
        """The config of a network of some ten thousand parameters."""
