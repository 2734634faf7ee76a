"""`Counted`: a prior that counts what is asked of its network."""

from typing import Any, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.prediction import Prediction
from invsolve.prior import Prior, TractablePrior
from invsolve.problem import Problem
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.space import VideoSpace


@final
@attrs.define(eq=False)
class Counted(Prior):
    """Another prior, and how many latents its denoiser was shown: one for each row of each call, forwards.

    What a rule differentiates it computes again backwards, at one to two times the cost; that is not counted.
    """

    prior: Prior
    evaluations: int = attrs.field(default=0, init=False)

    @property
    def decodes_frames_alone(self) -> bool:  # type: ignore[override]  # read-only, and the inner prior's
        """That of the prior."""
        return self.prior.decodes_frames_alone

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]
        """That of the prior."""
        return self.prior.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """That of the prior."""
        return self.prior.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The prior's latent."""
        return self.prior.encode(video)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """The prior's video."""
        return self.prior.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """The prior's prediction, counted."""
        self.evaluations += len(z)
        return self.prior.predict(z, level, condition)


def counted(problem: Problem) -> tuple[Problem, Counted | None]:
    """The problem with its prior counted; closed forms are left as they are, they have no network."""
    if isinstance(problem.prior, TractablePrior):
        return problem, None
    counter = Counted(problem.prior)
    evolved: Any = attrs.evolve(problem, prior=counter)
    return evolved, counter
