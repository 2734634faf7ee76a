"""`UNet3D`: ModelScope's text-to-video model and TF-T2V as priors."""

from functools import cached_property
from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import literal
from invsolve.video.space import VideoSpace
from invsolve_diffusers.adapters.adapter import Adapter
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.families.unet3d import UNet3DFamily
from invsolve_diffusers.network.placement import Memory, Placement
from invsolve_diffusers.priors.model import Model


@final
@attrs.frozen
class UNet3D(Prior):
    """A 3D-UNet over the latents of a picture autoencoder: videos of any number of frames (16 in training).

    ModelScope predicts noise; TF-T2V predicts ``v`` and has no signal at its noisiest level. The checkpoint says which.
    Original files of either become such a folder with `invsolve weights convert`.

    The condition of a problem takes the place of the prompt: tokens ``b l 1024`` of a text or of an image encoder; for
    a network with conditioning channels, it may be those channels, ``b c t h w``, which are zeros otherwise. For TF-T2V
    as `invsolve weights convert` writes it, it may be a video of pictures in [0, 1] of the clip's size, ``b 3 t h w``,
    or one picture, ``b 3 1 h w``: they become the channels, and the central one becomes tokens after the text, if the
    folder has the CLIP encoder of pictures in ``image_encoder``.

    Attributes:
        path: a folder in the layout of diffusers, or its name on the hub; relative to the current directory.
        prompt: what the video shows. The empty prompt needs no text encoder if its embedding is in the folder.
        adapter: LoRA weights, merged into the denoiser.
        placement: device and precision of the parts, and what they keep for the gradient.
        memory: ``auto`` picks the checkpointing that fits the free memory, and bfloat16 weights on a GPU, where the
            placement names none; ``given`` takes the placement as it is written.

    Raises:
        ReadError: for a folder that is not whole or holds pickled weights.
        CapabilityError: for a checkpoint of another family.
        SpaceError: for clips of other sizes, with the nearest that would do.

    References:
        Wang et al. 2023 (ModelScope); Wang et al. 2024 (TF-T2V).

    Examples:
        ```python
        UNet3D(path="ali-vilab/text-to-video-ms-1.7b", placement=Placement(denoiser_checkpointing=True))
        ```

        ```yaml
        prior: {use: unet3d, path: ali-vilab/text-to-video-ms-1.7b, placement: {denoiser_checkpointing: true}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = UNet3DFamily.references
    decodes_frames_alone: ClassVar[bool] = True

    path: str = "ali-vilab/text-to-video-ms-1.7b"
    prompt: str = ""
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
            only=UNet3DFamily.name,
            adapter=self.adapter,
        )

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only, and known only from the checkpoint
        """The levels the network was trained at."""
        return self.model.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``4 t h/8 w/8``."""
        return self.model.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc t zh zw"]:
        """Each frame's mode."""
        return self.model.encode(video)

    def decode(self, z: Float[Tensor, "b zc t zh zw"]) -> Float[Tensor, "b c t h w"]:
        """Each frame on its own, not clamped."""
        return self.model.decode(z)

    def predict(
        self, z: Float[Tensor, "b zc t zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the network."""
        return self.model.predict(z, level, condition)
