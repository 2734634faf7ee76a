"""The laws of noise that families share: a table of levels, rectified flow, and the scaling of consistency models."""

import math
from collections.abc import Mapping
from typing import Final, final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Parameterisation, Prediction
from invsolve.schedule import DiscreteSchedule, EDMSchedule, FlowSchedule, NoiseLevel
from invsolve_diffusers.configuration.scheduler import Scheduler
from invsolve_diffusers.network.noise_law import NoiseLaw

PREDICTIONS: Final[Mapping[str, Parameterisation]] = {"epsilon": "eps", "v_prediction": "v", "sample": "clean"}


@final
@attrs.frozen
class Table(NoiseLaw):
    """Variance preserving, at the levels of a table: ``abar_t`` is what the scheduler's own class makes of its file."""

    whole_times: bool = attrs.field(default=True, init=False, repr=False, eq=False)

    def schedule(self, scheduler: Scheduler, shift: float | None) -> DiscreteSchedule:
        """The table."""
        scheduler.require("table")
        _no_shift(shift)
        return DiscreteSchedule(betas=scheduler.betas)

    def time(self, level: NoiseLevel) -> float:
        """The number of the level."""
        return level.time

    def scaled(self, z: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Tensor:
        """As it is."""
        del level, scheduler
        return z

    def prediction(self, z: Tensor, output: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Prediction:
        """As ``prediction_type`` says."""
        kind = scheduler.config["prediction_type"]
        if kind not in PREDICTIONS:
            raise CapabilityError(
                f"the scheduler of {scheduler.where} says prediction_type {kind!r}; known are {', '.join(PREDICTIONS)}."
            )
        return Prediction.from_output(z, output, PREDICTIONS[kind], level)


@final
@attrs.frozen
class RectifiedFlow(NoiseLaw):
    """Straight lines between data and noise, at times that are shifted.

    Attributes:
        scale: the network counts time from 0 to this number.
        reverse: the network counts from noise (0) to data, and its velocity points that way.
        tokens: of the clip or picture whose shift is taken, for models where it grows with the size.
    """

    scale: float = 1000.0
    reverse: bool = False
    tokens: int | None = None

    def schedule(self, scheduler: Scheduler, shift: float | None) -> FlowSchedule:
        """Shifted by `shift`, or as the scheduler says."""
        scheduler.require("flow")
        inverted = bool(scheduler.config.get("invert_sigmas", False))
        if inverted != self.reverse:
            raise CapabilityError(
                f"the scheduler of {scheduler.where} says invert_sigmas: {inverted}, and the model was trained with "
                f"{self.reverse}: one of the two is of another checkpoint."
            )
        return FlowSchedule(shift=scheduler.shift(self.tokens) if shift is None else shift)

    def time(self, level: NoiseLevel) -> float:
        """The flow's time, or what is left of it."""
        return self.scale * (1 - level.time if self.reverse else level.time)

    def scaled(self, z: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Tensor:
        """As it is."""
        del level, scheduler
        return z

    def prediction(self, z: Tensor, output: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Prediction:
        """From the velocity."""
        del scheduler
        return Prediction.from_output(z, output, "reverse_flow" if self.reverse else "flow", level)


@final
@attrs.frozen
class Consistency(NoiseLaw):
    """``z0 = c_skip z + c_out F(c_in z, 250 log sigma)``: the end of the flow that leads through ``z``.

    ``c_in = 1 / sqrt(sigma^2 + d^2)``, ``c_skip = d^2 / ((sigma - m)^2 + d^2)`` and
    ``c_out = (sigma - m) d / sqrt(sigma^2 + d^2)`` with ``d = sigma_data`` and ``m = sigma_min``. Unlike a denoiser's,
    this clean estimate is a sample, not a mean.

    References:
        Song, Dhariwal, Chen and Sutskever 2023, appendix C.
    """

    def schedule(self, scheduler: Scheduler, shift: float | None) -> EDMSchedule:
        """Variance exploding, between the scheduler's extremes."""
        scheduler.require("consistency")
        _no_shift(shift)
        return EDMSchedule(sigma_min=scheduler.config["sigma_min"], sigma_max=scheduler.config["sigma_max"])

    def time(self, level: NoiseLevel) -> float:
        """``1000 log(sigma) / 4``."""
        return 250 * math.log(level.s)

    def scaled(self, z: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Tensor:
        """Of unit variance."""
        return z / math.hypot(level.s, scheduler.config["sigma_data"])

    def prediction(self, z: Tensor, output: Tensor, level: NoiseLevel, scheduler: Scheduler) -> Prediction:
        """The clean latent."""
        data, above = scheduler.config["sigma_data"], level.s - scheduler.config["sigma_min"]
        skip, out = data**2 / (above**2 + data**2), above * data / math.hypot(level.s, data)
        return Prediction.from_clean(z, skip * z + out * output, level)


def _no_shift(shift: float | None) -> None:
    if shift is not None:
        raise CapabilityError(
            f"`shift` (here {shift:g}) moves the times of rectified flow models; this model is not one."
        )
