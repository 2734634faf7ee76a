"""`FrameWise`: an image prior for videos, one frame at a time."""

from typing import ClassVar, final

import attrs
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import instance
from invsolve.video.space import VideoSpace


@final
@attrs.frozen
class FrameWise(Prior):
    """``p(x) = prod_t p_image(x_t)``: each frame is an image of its own; nothing ties them together.

    Every call of the image prior sees all frames as batch items ``(b t) c 1 h w``. What ties the frames together must
    come from the observation, or from noise that they share: `batch_consistent`.

    A condition has one row for each observation, and holds for all of its frames.

    Attributes:
        prior: of images, that is, of videos with one frame.

    Examples:
        ```python
        FrameWise(Gaussian(mean=[[[[0.5, 0.4]]]], covariance=[[0.04, 0.03], [0.03, 0.04]]))
        ```

        ```yaml
        prior:
          use: frame_wise
          prior: {use: gaussian, mean: [[[[0.5, 0.4]]]], covariance: [[0.04, 0.03], [0.03, 0.04]]}
        ```
    """

    decodes_frames_alone: ClassVar[bool] = True

    prior: Prior = attrs.field(validator=instance(Prior))

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only: the image prior's
        """The noise levels of the image prior."""
        return self.prior.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The latent of one frame, once for each; raises `SpaceError` where the image prior does."""
        c, _, h, w = self.prior.latent_shape(attrs.evolve(space, frames=1))
        return (c, space.frames, h, w)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc t zh zw"]:
        """Each frame's latent."""
        return _together(self.prior.encode(_apart(video)), len(video))

    def decode(self, z: Float[Tensor, "b zc t zh zw"]) -> Float[Tensor, "b c t h w"]:
        """Each latent's frame."""
        return _together(self.prior.decode(_apart(z)), len(z))

    def predict(
        self, z: Float[Tensor, "b zc t zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the image prior for all frames."""
        every = None if condition is None else condition.repeat_interleave(z.shape[2], dim=0)
        found = self.prior.predict(_apart(z), level, every)
        fraction = found.variance_fraction
        return Prediction(
            _together(found.z0, len(z)),
            _together(found.eps, len(z)),
            variance_fraction=None if fraction is None else _together(fraction, len(z)),
        )


def _apart(video: Tensor) -> Tensor:
    return rearrange(video, "b c t h w -> (b t) c 1 h w")


def _together(frames: Tensor, count: int) -> Tensor:
    return rearrange(frames, "(b t) c 1 h w -> b c t h w", b=count)
