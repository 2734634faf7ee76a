"""`Reconstruction`: samples, and what they can be judged by."""

from functools import cached_property
from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.posterior.time_direction import one_direction
from invsolve.posterior.verdict import Verdict
from invsolve.video.size import stretched
from invsolve.video.space import VideoSpace


@final
@attrs.frozen(eq=False, kw_only=True)
class Reconstruction:
    """The samples of ``b`` observations, and what they can be judged by: what metrics and figures look at.

    Metrics do not ask the operator for anything that ``verdict`` holds already.

    Attributes:
        video: the samples ``s b c t h w``, and ``space``, the space of one.
        observation: the observation ``b c2 t2 h2 w2``, and ``observation_space``.
        operator: how the observation is taken to have come about.
        noise: how the observation is taken to have come about.
        truth: the sharp video ``b c t h w``, or None; ``truth_space``.
        verdict: the operator's judgement of the samples; None: they are judged here. Who puts another ``video`` in
            their place (`attrs.evolve`) gives its verdict, or None, with it.
    """

    video: Float[Tensor, "s b c t h w"]
    space: VideoSpace
    observation: Float[Tensor, "b c2 t2 h2 w2"]
    observation_space: VideoSpace
    operator: Operator
    noise: Noise
    truth: Float[Tensor, "b c3 t3 h3 w3"] | None = None
    truth_space: VideoSpace | None = None
    _verdict: Verdict | None = None

    @cached_property
    def verdict(self) -> Verdict:
        """The one that was given, or else made when it is first asked for.

        Raises what the operator raises for videos that it does not take, such as `SpaceError`.
        """
        return self._verdict or Verdict.of(self.video, self.observation, self.operator, self.noise)

    @property
    def mean(self) -> Float[Tensor, "b c t h w"]:
        """The mean over samples, in whichever direction of time each of them runs; see `facing`."""
        return self.video.mean(0)

    @property
    def reversible(self) -> bool:
        """True if, by the verdict, the observation does not tell any sample's direction of time."""
        return bool(self.verdict.reversible.all())

    @property
    def facing(self) -> Float[Tensor, "s b c t h w"]:
        """The samples in one direction of time, where the observation does not tell it; as they are elsewhere."""
        return one_direction(self.video, self.reversible)

    @property
    def comparable_truth(self) -> Float[Tensor, "b c t h w"] | None:
        """The truth, where it has the shape of a sample; None otherwise."""
        return self.truth if self.truth is not None and self.truth.shape == self.video.shape[1:] else None

    @property
    def observation_as_truth(self) -> Float[Tensor, "b c t h w"] | None:
        """The observation in the shape of the truth, so that what a sampler gained can be told; None if incomparable.

        A missing frame is the observed one nearest in time, a missing pixel is bicubic. Observations in another light
        (transfer) or with other channels than the truth cannot be compared with it.
        """
        if self.comparable_truth is None or self.truth_space is None:
            return None
        if self.observation_space.transfer != self.truth_space.transfer:
            return None
        channels, *size = self.truth_space.shape
        if channels != self.observation_space.channels:
            return None
        return stretched(self.observation, *size)
