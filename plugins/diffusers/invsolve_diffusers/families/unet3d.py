"""The family `unet3d`: ModelScope text-to-video and TF-T2V, the same 3D-UNet."""

from typing import Any

from invsolve_diffusers.families.noise import discrete, prediction, timestep
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.frame_rule import FrameRule


def arguments(call: Call) -> dict[str, Any]:
    """The text."""
    return {"encoder_hidden_states": call.text.tokens}


def blocks(network: Any) -> list[Any]:
    """Every block on the way down and up."""
    return [*network.down_blocks, network.mid_block, *network.up_blocks]


def picture_shrinks(configs: Configs) -> int:
    """What an autoencoder of pictures divides height and width by."""
    return int(2 ** (len(configs.decoder["block_out_channels"]) - 1))


FAMILY = Family(
    name="unet3d",
    title="ModelScope text-to-video, ZeroScope, TF-T2V (3D-UNet)",
    references=(
        "@misc{wang2023modelscope, title={ModelScope Text-to-Video Technical Report}, "
        "author={Wang, Jiuniu and Yuan, Hangjie and Chen, Dayou and Zhang, Yingya and Wang, Xiang and Zhang, Shiwei}, "
        "year={2023}, eprint={2308.06571}, archivePrefix={arXiv}}",
        "@inproceedings{wang2024recipe, title={A Recipe for Scaling up Text-to-Video Generation with Text-free "
        "Videos}, author={Wang, Xiang and Zhang, Shiwei and Yuan, Hangjie and others}, booktitle={CVPR}, year={2024}}",
    ),
    denoiser_class="UNet3DConditionModel",
    denoiser_folder="unet",
    decoder_class="AutoencoderKL",
    codec=FrameCodec(),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=lambda _: FrameRule(),
    shrinks=picture_shrinks,
    patch=lambda _: 1,
    normal=by_factor,
    schedule=discrete,
    predicts=prediction,
    time=timestep,
    arguments=arguments,
    beside=lambda configs: int(configs.denoiser["in_channels"] - configs.denoiser["out_channels"]),
    blocks=blocks,
)
