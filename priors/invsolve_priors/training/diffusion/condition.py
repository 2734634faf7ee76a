"""`Condition`: what a network is told of a clip in training, made anew from the true frames at every step."""

from typing import Literal, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.prior.interval_encoding import NUMBERS
from invsolve.randomness import SeededRandomness
from invsolve.training.exposures import ExposureMode
from invsolve.validators import literal, number
from invsolve.video.space import VideoSpace
from invsolve_priors.learned.model_card import Entrance
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration

Source = Literal["made", "recorded"]

below_one = number(least=0.0, below=1.0)


@final
@attrs.frozen(kw_only=True)
class Condition:
    """``diffusion.condition``: an observation of each clip, its latent, and how it enters the network.

    Attributes:
        exposures: modes to draw from at every step. The observation is then one picture, the mean of the exposed
            frames, and ``operator`` acts on that picture; without them ``operator`` acts on the whole clip.
        operator: null leaves the picture, or the clip, as it is.
        noise: added to what it gives.
        source: ``made`` so, or ``recorded``: what the reader observed of each clip, for pairs; it then has neither
            exposures nor an operator nor noise.
        enters: ``frame``: the latent of one picture is the first latent frame, clean at every level, and a network that
            takes numbers for each frame is told the intervals (see `encode_intervals`); ``channels``: the latent of an
            observation of as many frames is concatenated with the noisy one; ``vector``: each frame of such an
            observation is told to its frame as the mean of every latent channel.
        drop: share of the clips whose observation is replaced by zeros, for classifier-free guidance; the intervals
            stay.

    Raises:
        ComponentError: where these contradict each other.

    References:
        Ho and Salimans 2022 (dropping the condition); Tedla et al. 2025, their code (the clean frame).
    """

    enters: Entrance = attrs.field(default="frame", validator=literal(Entrance))
    operator: Operator | None = None
    noise: Noise | None = None
    exposures: tuple[ExposureMode, ...] = ()
    source: Source = attrs.field(default="made", validator=literal(Source))
    drop: float = attrs.field(default=0.0, validator=below_one)

    def __attrs_post_init__(self) -> None:
        if self.exposures and self.enters != "frame":
            raise ComponentError(
                f"exposures make one picture, which enters as `frame`, not as `{self.enters}`; leave them out and"
                " give an operator that keeps the number of frames."
            )

        if self.source == "recorded" and (self.exposures or self.operator or self.noise):
            raise ComponentError("a recorded observation is taken as it is: leave exposures, operator and noise out.")

    def check(self, sizes: STDiTConfiguration) -> None:
        """Raise `ComponentError` unless a network of these sizes takes this condition."""
        wanted = {
            "frame": (sizes.observed_frame and not sizes.condition_channels, "observed_frame: true"),
            "channels": (
                sizes.condition_channels == sizes.channels and not (sizes.frame_numbers or sizes.observed_frame),
                f"condition_channels: {sizes.channels}, and nothing else",
            ),
            "vector": (
                sizes.condition_vector == sizes.channels and not (sizes.condition_channels or sizes.observed_frame),
                f"condition_vector: {sizes.channels}, and nothing else",
            ),
        }
        fits, needs = wanted[self.enters]
        if not fits:
            raise ComponentError(
                f"a condition that enters as `{self.enters}` needs a network with {needs}; got {sizes}."
            )
        if self.enters == "frame" and sizes.frame_numbers not in (0, NUMBERS):
            raise ComponentError(
                f"intervals are {NUMBERS} numbers for each frame: write interval_vector: {NUMBERS} (or"
                f" condition_vector, or neither), got {sizes.frame_numbers}."
            )

    def check_space(self, clip: VideoSpace, recorded: VideoSpace | None = None) -> None:
        """Raise `SpaceError` unless the observation of such a clip can enter, and `ComponentError` where there is none.

        Args:
            recorded: the space of the reader's own observation.
        """
        seen = attrs.evolve(clip, frames=1) if self.exposures else clip
        if self.source == "made":
            found = seen if self.operator is None else self.operator.output_space(seen)
        elif recorded is None:
            raise ComponentError("`source: recorded` needs a reader of pairs, such as `pair` or `simulate`.")
        else:
            found = recorded
        wanted = attrs.evolve(clip, frames=1 if self.enters == "frame" else clip.frames)
        if found.shape != wanted.shape:
            raise SpaceError(
                f"an observation that enters as `{self.enters}` is a video of c t h w = {wanted.shape}; here it"
                f" is {found.shape}, of a clip of {clip.shape}."
            )
        longest = max((mode.shortest for mode in self.exposures), default=1)
        if longest > clip.frames:
            raise SpaceError(f"a mode of exposure needs clips of at least {longest} frames, they have {clip.frames}.")

    def observe(
        self, mean: Float[Tensor, "b c t h w"], seed: int, purpose: str, step: int, rows: range
    ) -> Float[Tensor, "b c2 t2 h w"]:
        """The observation of pictures or clips; row ``i`` of them is row ``rows[i]`` of the whole batch."""
        observed = mean if self.operator is None else self.operator(mean)
        if self.noise is None:
            return observed
        random = SeededRandomness(seed, tuple((row, 0) for row in rows), purpose, step)
        return self.noise.sample(observed, random)
