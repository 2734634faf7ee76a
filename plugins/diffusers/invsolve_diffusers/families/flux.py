"""The family `flux`: FLUX.1 dev and schnell."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs
import torch
from einops import rearrange
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.architectures.flux import TINY
from invsolve_diffusers.families.noise import RectifiedFlow
from invsolve_diffusers.families.pictures import ONE
from invsolve_diffusers.families.scaled import by_shift_and_factor, picture_downsampling
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.noise_law import NoiseLaw
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class Flux(Family):
    """FLUX.1: rectified flow in tokens, for pictures of one frame whose sizes are multiples of 16 pixels.

    The shift of ``dev`` grows with the size; here it is that of 1024 x 1024 pixels. A distilled guidance is 1.

    References:
        Black Forest Labs 2024; layouts as in diffusers 0.42.

    Examples:
        ```python
        Flux()
        ```

        ```yaml
        prior: {use: diffusers, path: black-forest-labs/FLUX.1-schnell}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@misc{flux2024, title={FLUX.1}, author={{Black Forest Labs}}, year={2024}, "
        "howpublished={https://github.com/black-forest-labs/flux}}",
    )
    name: ClassVar[str] = "flux"
    title: ClassVar[str] = "FLUX.1 dev and schnell"
    denoiser_class: ClassVar[str] = "FluxTransformer2DModel"
    decoder_class: ClassVar[str] = "AutoencoderKL"
    decoder_uses: ClassVar[frozenset[str]] = frozenset({"shift_factor"})
    codec: ClassVar[Codec] = FrameCodec()
    noise: ClassVar[NoiseLaw] = RectifiedFlow(scale=1.0, tokens=4096)
    text: ClassVar[TextRule | None] = TextRule(
        encoder="T5EncoderModel",
        folder="text_encoder_2",
        tokenizer="tokenizer_2",
        length=512,
        width_key="joint_attention_dim",
        pooled_folder="text_encoder",
        pooled_tokenizer="tokenizer",
        pooled_key="pooled_projection_dim",
    )

    def channels(self, configs: Configs) -> int:
        """As the autoencoder has them."""
        return int(configs.decoder["latent_channels"])

    def frames(self, configs: Configs) -> FrameRule:
        """One."""
        del configs
        return ONE

    def downsampling(self, configs: Configs) -> int:
        """As the autoencoder of pictures does."""
        return picture_downsampling(configs)

    def patch(self, configs: Configs) -> int:
        """Tokens are squares of 2 x 2 latent pixels."""
        del configs
        return 2

    def normal(self, vae: Any) -> Affine:
        """``z = (raw - shift) factor``."""
        return by_shift_and_factor(vae)

    def pack(self, z: Tensor) -> Tensor:
        """Tokens."""
        return rearrange(z, "b c 1 (h p) (w q) -> b (h w) (c p q)", p=2, q=2)

    def unpack(self, output: Tensor, shape: tuple[int, ...]) -> Tensor:
        """The latent of tokens."""
        return rearrange(output, "b (h w) (c p q) -> b c 1 (h p) (w q)", h=shape[3] // 2, p=2, q=2)

    def arguments(self, call: Call) -> dict[str, Any]:
        """Text, all of it in one vector, where the tokens stand, and guidance 1 for distilled models."""
        if call.text.pooled is None:
            raise CapabilityError(
                "FLUX takes a pooled text besides the tokens; a condition holds tokens only. Set `prompt` instead."
            )
        given: dict[str, Any] = {
            "encoder_hidden_states": call.text.tokens,
            "pooled_projections": call.text.pooled,
            "img_ids": _places(call.shape[2] // 2, call.shape[3] // 2, call.z.device),
            "txt_ids": torch.zeros(call.text.tokens.shape[1], 3, device=call.z.device),
        }
        if call.configs.denoiser["guidance_embeds"]:
            given["guidance"] = call.z.new_ones(len(call.z))
        return given

    def refuses(self, configs: Configs) -> str | None:
        """Fill, depth and other variants take more channels than the latent's."""
        given, wanted = configs.denoiser["in_channels"], 4 * configs.decoder["latent_channels"]
        return None if given == wanted else f"its transformer takes {given} channels for tokens of {wanted}"

    @property
    def tiny(self) -> Mapping[str, Architecture]:
        """Of random parameters."""
        return TINY


def _places(rows: int, columns: int, device: torch.device) -> Tensor:
    """Row and column of each token, ``(rows columns) 3``, the first number always 0."""
    row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack([torch.zeros_like(row), row, column], dim=2).reshape(-1, 3).to(device, torch.float32)
