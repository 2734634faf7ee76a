"""`CogVideoX`: the CogVideoX family as a prior."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import as_path, literal
from invsolve.video.space import VideoSpace
from invsolve_diffusers.adapters.adapter import Adapter
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.families.cogvideox import CogVideoXFamily
from invsolve_diffusers.network.placement import Memory, Placement
from invsolve_diffusers.priors.model import Model


@final
@attrs.frozen
class CogVideoX(Prior):
    """CogVideoX (2B, 5B, 5B-I2V, 1.5-5B, 1.5-5B-I2V): videos of ``8 k + 1`` frames.

    A transformer predicts ``v``; the noisiest level holds no signal at all, and for 2B the signal-to-noise ratio of all
    levels is divided by 3. The latent has 16 channels, a quarter of the frames and an eighth of the pixels; decoding is
    causal in time, chunk by chunk, exact in value and gradient while one chunk's activations are in memory.

    The condition of a problem takes the place of the prompt (tokens ``b l d``) or of the image (``b 3 1 h w``); an
    I2V model without either gets zeros.

    Attributes:
        path: a folder in the layout of diffusers, or its name on the hub; relative to the current directory.
        prompt: what the video shows. The empty prompt needs no text encoder if its embedding is in the folder.
        image: for the I2V models, a picture of the first frame; scaled and cut to the clip's size.
        adapter: LoRA weights, merged into the denoiser.
        exposure: weights that `invsolve train` made with ``task: {use: cogvideox_exposures}``, for 2B and 5B: the model
            is shown a blurred picture's latent as a first latent frame, and its condition is when each frame was
            exposed, ``b t 192``; `exposure_conditioned` with ``frames_per_latent: 4`` around it does both.
        placement: device and precision of the parts, and what they keep for the gradient.
        memory: ``auto`` picks the checkpointing that fits the free memory, and bfloat16 weights on a GPU, where the
            placement names none; ``given`` takes the placement as it is written.

    Raises:
        ReadError: for a folder that is not whole or holds pickled weights.
        CapabilityError: for a checkpoint of another family.
        SpaceError: for clips of other sizes, with the nearest that would do.

    References:
        Yang et al. 2025 (CogVideoX); schedule and layouts as in diffusers 0.42.

    Examples:
        ```python
        CogVideoX(path="THUDM/CogVideoX-2b", placement=Placement(denoiser_dtype="bfloat16"))
        ```

        ```yaml
        prior: {use: cogvideox, path: THUDM/CogVideoX-2b, placement: {denoiser_dtype: bfloat16}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = CogVideoXFamily.references

    path: str = "THUDM/CogVideoX-2b"
    prompt: str = ""
    image: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    adapter: Adapter | None = None
    exposure: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    placement: Placement = attrs.field(factory=Placement)
    memory: Memory = attrs.field(default="auto", validator=literal(Memory))

    @cached_property
    def model(self) -> Model:
        """The checkpoint at work."""
        checkpoint = Checkpoint(self.path)
        return Model(
            checkpoint,
            self.prompt,
            self.placement,
            self.memory,
            image=self.image,
            only=CogVideoXFamily.name,
            adapter=self.adapter,
            exposure=self.exposure,
        )

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only, and known only from the checkpoint
        """The levels the transformer was trained at."""
        return self.model.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``16, 2 k + 1, h/8, w/8`` for ``8 k + 1`` frames; one latent frame more for CogVideoX 1.5."""
        return self.model.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The mode of the latent's law."""
        return self.model.encode(video)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """Chunk by chunk of two latent frames, not clamped."""
        return self.model.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the transformer."""
        return self.model.predict(z, level, condition)
