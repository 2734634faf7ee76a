"""`Example`: latents of some frames, the latent of a picture that was exposed to them, and when each was exposed."""

from collections.abc import Callable
from typing import Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.prior.interval_encoding import encode_intervals, grouped
from invsolve.training.exposures import Exposures
from invsolve.video.transfer import in_transfer
from invsolve_diffusers.network.exposed_patch_embed import FRAMES_PER_LATENT

CHUNK: Final = 8  # clips have a multiple of it, and one frame, for latents that decode to as many again
OWN: Final = (-0.5, 0.5)  # the picture's exposure, which is the unit of time
Encode = Callable[[Float[Tensor, "b c t h w"]], Tensor]


@final
@attrs.frozen(eq=False)
class Example:
    """What one step learns from.

    Attributes:
        z0: latents of the frames to be found.
        picture: the latent of the blurred picture.
        numbers: of the picture and of each latent frame, as `exposure_conditioned` gives them.
    """

    z0: Float[Tensor, "b z t h w"]
    picture: Float[Tensor, "b z 1 h w"]
    numbers: Float[Tensor, "b t1 n"]

    def without_picture(self, dropped: Float[Tensor, " b"]) -> "Example":
        """With zeros for the pictures where `dropped` is 1; the numbers stay."""
        kept = (1 - dropped).to(self.picture).view(-1, 1, 1, 1, 1)
        return attrs.evolve(self, picture=self.picture * kept)


def example_of(clips: Float[Tensor, "b c t h w"], drawn: Exposures, transfer: str, encode: Encode) -> Example:
    """The example of clips and of exposures drawn for them; the last frame is repeated to a length that round trips.

    The picture is the mean in linear light of the frames it was exposed to, as the camera would store it.

    Args:
        transfer: of the clips, see `VideoSpace`; ``unknown`` is averaged as it is.
    """
    light = in_transfer(clips, transfer, "linear")
    mean = torch.einsum("bcthw,bt->bchw", light, drawn.weights.to(light))[:, :, None]
    picture = in_transfer(mean, "linear", transfer)
    shown = drawn.frames[:, None, :, None, None].expand(-1, clips.shape[1], -1, *clips.shape[3:])
    frames = clips.gather(2, shown)
    missing = -(frames.shape[2] - 1) % CHUNK
    whole = torch.cat([frames, frames[:, :, -1:].expand(-1, -1, missing, -1, -1)], dim=2)
    z0 = encode(whole)
    rows = [_numbers(intervals, z0.shape[2]) for intervals in drawn.intervals]
    return Example(z0, encode(picture), torch.stack(rows))


def _numbers(intervals: Float[Tensor, "k 2"], latents: int) -> Float[Tensor, "t1 n"]:
    own = intervals.new_tensor(OWN).expand(1, FRAMES_PER_LATENT, 2)
    each = torch.cat([own, grouped(intervals, latents, FRAMES_PER_LATENT)])
    return encode_intervals(each.flatten(0, 1)).reshape(1 + latents, -1).float()
