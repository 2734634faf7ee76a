"""Abstract `WrappedPrior`: another prior with predictions of its own."""

from torch import Tensor

from invsolve.prior.prior import ConditionForm, Prior
from invsolve.schedule import Schedule
from invsolve.video.space import VideoSpace


class WrappedPrior(Prior):
    """A prior whose latents, schedule, encoder and decoder are those of another; it predicts in its own way.

    Attributes:
        prior: the other.
    """

    prior: Prior

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only
        """The noise levels of the wrapped prior."""
        return self.prior.schedule

    @property
    def decodes_frames_alone(self) -> bool:  # type: ignore[override]  # read-only
        """True if the wrapped prior decodes frames alone."""
        return self.prior.decodes_frames_alone

    @property
    def condition_form(self) -> ConditionForm:  # type: ignore[override]  # read-only
        """The form of the wrapped prior's condition, unless this one takes another."""
        return self.prior.condition_form

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The latent shape of the wrapped prior."""
        return self.prior.latent_shape(space)

    def encode(self, video: Tensor) -> Tensor:
        """The wrapped prior's latent."""
        return self.prior.encode(video)

    def decode(self, z: Tensor) -> Tensor:
        """The wrapped prior's video."""
        return self.prior.decode(z)


def decoder_of(prior: Prior) -> Prior:
    """The prior whose decoder `prior` has: its own, or that of the one that it wraps."""
    while isinstance(prior, WrappedPrior):
        prior = prior.prior
    return prior


def asked(prior: Prior) -> Prior:
    """The prior that predicts: the core's own wrappers only hand on what it says."""
    while isinstance(prior, WrappedPrior) and type(prior).__module__.startswith("invsolve."):
        prior = prior.prior
    return prior
