"""`Diffusers`: any supported checkpoint in the layout of diffusers as a prior."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.parts import Part
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import as_path, literal, number, optional
from invsolve.video.space import VideoSpace
from invsolve_diffusers.adapters.adapter import Adapter
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.network.placement import Memory, Placement
from invsolve_diffusers.priors.model import Model


@final
@attrs.frozen
class Diffusers(Prior):
    """A diffusion model of videos or pictures in diffusers' layout, of whichever family its folder says.

    `invsolve plugins list` names the families, `invsolve plugins show` describes one. Stable Video Diffusion and
    others are refused with the reason.

    The condition of a problem takes the place of the prompt (tokens ``b l d``) or of the image (``b 3 1 h w``).

    Attributes:
        path: a folder in the layout of diffusers, or its name on the hub; relative to the current directory.
        prompt: what the video shows. The empty prompt needs no text encoder if its embedding is in the folder. For
            models of classes, the number of one.
        shift: positive, of flow models: in place of the checkpoint's own.
        image: for image-to-video models, a picture of the first frame; scaled and cut to the clip's size.
        adapter: LoRA weights, merged into the denoiser.
        placement: device and precision of the parts, and what they keep for the gradient.
        memory: ``auto`` picks the checkpointing that fits the free memory, and bfloat16 weights on a GPU, where the
            placement names none; ``given`` takes the placement as it is written.

    Raises:
        ReadError: for a folder that is not whole or holds pickled weights.
        CapabilityError: for a model that cannot be a prior.
        SpaceError: for clips of other sizes, with the nearest that would do.

    References:
        The papers of the families (`invsolve_diffusers.families`); schedules and layouts as in diffusers 0.42.

    Examples:
        ```python
        Diffusers(path="Wan-AI/Wan2.1-T2V-1.3B-Diffusers", prompt="a tram in the rain")
        ```

        ```yaml
        prior: {use: diffusers, path: Wan-AI/Wan2.1-T2V-1.3B-Diffusers, prompt: ""}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{vonplaten2022diffusers, title={Diffusers: State-of-the-art diffusion models}, "
        "author={von Platen, Patrick and Patil, Suraj and Lozhkov, Anton and others}, year={2022}, "
        "howpublished={https://github.com/huggingface/diffusers}}",
    )

    path: str
    prompt: str = ""
    shift: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    image: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    adapter: Adapter | None = None
    placement: Placement = attrs.field(factory=Placement)
    memory: Memory = attrs.field(default="auto", validator=literal(Memory))

    @cached_property
    def model(self) -> Model:
        """The checkpoint at work."""
        return Model(
            Checkpoint(self.path),
            self.prompt,
            self.placement,
            self.memory,
            self.shift,
            self.image,
            adapter=self.adapter,
        )

    @property
    def own_parts(self) -> tuple[Part, ...]:
        """The family; raises `ReadError` for a folder that does not tell it."""
        return (self.model.family,)

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only, and known only from the checkpoint
        """The levels the denoiser was trained at."""
        return self.model.schedule

    @property
    def decodes_frames_alone(self) -> bool:  # type: ignore[override]  # known only from the checkpoint
        """True if its autoencoder is one of pictures."""
        return self.model.family.codec.frames_alone

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """Of the family."""
        return self.model.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """The mode of the latent's law."""
        return self.model.encode(video)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """The video, not clamped."""
        return self.model.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the denoiser."""
        return self.model.predict(z, level, condition)
