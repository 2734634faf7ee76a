"""The family `ltx`: LTX-Video."""

from typing import Any

import torch
from einops import rearrange
from torch import Tensor

from invsolve.schedule import FlowSchedule
from invsolve_diffusers.families.noise import flow, thousandth
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.whole import WholeCodec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.family import Affine, Config, Family
from invsolve_diffusers.network.frame_rule import FrameRule

FRAME_RATE = 25  # frames/s, what the positions of the model's own pipeline assume
TOKENS = 4000  # of a clip of some seconds at 704 x 480


def arguments(call: Call) -> dict[str, Any]:
    """Text and its mask, and the grid that the tokens stand for."""
    _, frames, height, width = call.shape
    decoder = call.configs.decoder
    return {
        "encoder_hidden_states": call.text.tokens,
        "encoder_attention_mask": call.mask,
        "num_frames": frames,
        "height": height,
        "width": width,
        "rope_interpolation_scale": (time_shrinks(decoder) / FRAME_RATE, *[space_shrinks(decoder)] * 2),
    }


def time_shrinks(config: Config) -> int:
    """Video frames for each latent frame."""
    return int(config.get("temporal_compression_ratio") or _shrinks(config, "patch_size_t"))


def space_shrinks(config: Config) -> int:
    """Video pixels for each latent pixel."""
    return int(config.get("spatial_compression_ratio") or _shrinks(config, "patch_size"))


def _shrinks(config: Config, patch: str) -> int:
    return int(config[patch] * 2 ** sum(config["spatio_temporal_scaling"]))


def statistics(vae: Any) -> Affine:
    """The statistics of the latents, which stand among the weights."""
    return vae.latents_mean, vae.config.scaling_factor / vae.latents_std


def schedule(config: Config, shift: float | None) -> FlowSchedule:
    """Rectified flow. Its own pipeline shifts by the clip's length; we take the shift of some seconds at 704 x 480.

    ``exp(m)`` with ``m`` linear in the number of tokens, from ``base_shift`` to ``max_shift``. The pipeline ends at
    ``shift_terminal`` instead of the least noisy level; here the sampler's levels go all the way.
    """
    if shift is None and config.get("use_dynamic_shifting"):
        fewest, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
        low, high = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
        mu = torch.tensor(low + (high - low) * (TOKENS - fewest) / (most - fewest))
        shift = float(mu.exp())
    return flow(config, shift)


def refuses(configs: Configs) -> str | None:
    """Tokens of one latent pixel are what all released checkpoints have."""
    if configs.denoiser["patch_size"] != 1 or configs.denoiser["patch_size_t"] != 1:
        return "its tokens are patches of several latent pixels, which no released checkpoint has"
    return None


def pack(z: Tensor) -> Tensor:
    """Tokens ``b (t h w) c``."""
    return rearrange(z, "b c t h w -> b (t h w) c")


def unpack(tokens: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The latent of tokens."""
    _, _, t, h, w = shape
    return rearrange(tokens, "b (t h w) c -> b c t h w", t=t, h=h, w=w)


FAMILY = Family(
    name="ltx",
    title="LTX-Video",
    references=(
        "@misc{hacohen2024ltx, title={LTX-Video: Realtime Video Latent Diffusion}, "
        "author={HaCohen, Yoav and Chiprut, Nisan and Brazowski, Benny and others}, "
        "year={2024}, eprint={2501.00103}, archivePrefix={arXiv}}",
    ),
    denoiser_class="LTXVideoTransformer3DModel",
    decoder_class="AutoencoderKLLTXVideo",
    codec=WholeCodec(decode_time=0.0),
    channels=lambda configs: int(configs.decoder["latent_channels"]),
    frames=lambda configs: FrameRule(step=time_shrinks(configs.decoder), plus=1, ratio=time_shrinks(configs.decoder)),
    shrinks=lambda configs: space_shrinks(configs.decoder),
    patch=lambda _: 1,
    normal=statistics,
    schedule=schedule,
    predicts=lambda _: "flow",
    time=thousandth,
    pack=pack,
    unpack=unpack,
    arguments=arguments,
    refuses=refuses,
)
