"""Abstract `NoiseLaw`: the noise that a family of models was trained to remove, and what its network says of it."""

import abc

from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve_diffusers.configuration.scheduler import Scheduler


class NoiseLaw(abc.ABC):
    """From the scheduler of a checkpoint to a schedule, and from the output of its network to a prediction."""

    whole_times: bool = False  # the network counts levels

    @abc.abstractmethod
    def schedule(self, scheduler: Scheduler, shift: float | None) -> Schedule:
        """The levels that the model was trained at, with a shift in place of its own for rectified flows.

        Raises:
            CapabilityError: for a scheduler of another kind, and for a shift where there is none to replace.
        """

    @abc.abstractmethod
    def time(self, level: NoiseLevel) -> float:
        """The level as the network counts it."""

    @abc.abstractmethod
    def scaled(self, z: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Tensor:
        """The latent as the network wants it."""

    @abc.abstractmethod
    def prediction(self, z: Tensor, output: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Prediction:
        """Clean latent and noise from the network's output; raises `CapabilityError` for what is not known."""
