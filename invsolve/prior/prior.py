"""Abstract `Prior` and `TractablePrior`: what videos look like."""

import abc
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from jaxtyping import Float
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.parts import Part
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Parameterisation, Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.video.space import VideoSpace

if TYPE_CHECKING:
    from invsolve.prior.callable_prior import CallablePrior

ConditionForm = Literal["none", "given", "frame", "channels", "vector"]


class Prior(Part):
    """A law of videos behind a latent: ``z = encode(x)``, ``x = decode(z)``, and a denoiser of noisy latents.

    Latents have five axes ``b c t h w`` and about unit variance. Weights are frozen; every method keeps the dtype
    and the device of its input and treats each batch item on its own.

    Attributes:
        schedule: the noise levels it was made for.
        decodes_frames_alone: frame ``k`` of the video depends on frame ``k`` of the latent only, so that decoding (and
            its gradient) may run in chunks of frames.
        recurs: a prediction depends on the one before, see `predict_after`.
        condition_form: what `predict` takes as its condition: ``none``; something that only the caller has, ``given``;
            or the observation, as the latent ``frame`` of one picture, as a latent video of ``channels``, or as a
            ``vector`` for each frame, see `condition_of`.
    """

    decodes_frames_alone: ClassVar[bool] = False
    recurs: ClassVar[bool] = False
    condition_form: ClassVar[ConditionForm] = "none"
    schedule: Schedule

    @abc.abstractmethod
    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The shape ``c t h w`` of the latent of a video in `space`; raises `SpaceError` if it cannot model these."""

    @abc.abstractmethod
    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The latent of a video in [0, 1]; raises `SpaceError` for a video that `latent_shape` refuses."""

    @abc.abstractmethod
    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """The video of a latent, differentiable, not clamped."""

    @abc.abstractmethod
    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The clean and the noise estimate of ``z = a z0 + s eps`` at `level` (``s > 0``), differentiable in ``z``.

        Args:
            condition: in the form that `condition_form` names, one for each batch item; None without one.

        Raises:
            CapabilityError: at a level without a prediction (``s = 0``, or ``a = 0`` for a network that predicts noise)
                and for a condition that is missing or not taken.
            SpaceError: for a condition of another shape.
        """

    def predict_after(
        self, memory: Tensor | None, z: Tensor, level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """`predict`, with what the prediction of the step before gave as its ``memory``; None at the first step.

        A prior that ``recurs``, such as one with a running average, puts its own here, and raises `CapabilityError` in
        `predict`. Samplers that keep a memory in their state predict with `recalled`.
        """
        return self.predict(z, level, condition)

    @staticmethod
    def from_callable(
        denoiser: Callable[..., Tensor],
        schedule: Schedule,
        *,
        predicts: Parameterisation = "clean",
        frames_alone: bool = False,
        values: tuple[float, float] = (0.0, 1.0),
    ) -> "CallablePrior":
        """Any denoiser as a prior: ``denoiser(z, level)``, see `CallablePrior` for what it is given and gives back.

        Examples:
            ```python
            prior = Prior.from_callable(lambda z, level: network(z, level.time), DiscreteSchedule(), predicts="eps")
            ```
        """
        from invsolve.prior.callable_prior import CallablePrior

        return CallablePrior(denoiser, schedule, predicts=predicts, frames_alone=frames_alone, values=values)


class TractablePrior(Prior):
    """A `Prior` whose conditional law given a noisy latent and a linear observation is known in closed form."""

    @abc.abstractmethod
    def conditional(
        self,
        z: Float[Tensor, "b zc zt zh zw"] | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Float[Tensor, "b c t h w"],
        noise_std: float,
    ) -> Conditional:
        """``p(z0 | z_level = z, y)`` for ``y = A(decode(z0)) + noise_std n``; without `z` it is ``p(z0 | y)``.

        Raises:
            CapabilityError: where the operator has no closed form together with this prior.
            ComponentError: for a `noise_std` that is not positive.
            SpaceError: for an observation that does not fit the operator.
        """
