"""Encode, decode and denoise, as functions of a checkpoint's modules."""

from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.recompute import recompute
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.family import Affine, Family
from invsolve_diffusers.network.placement import Placement


def encode(family: Family, configs: Configs, vae: Any, video: Float[Tensor, "b c t h w"]) -> Tensor:
    """The latent of a video in [0, 1], in about unit variance: ``z = (E(2 x - 1) - shift) scale``."""
    inside = (2 * video - 1).to(vae.device, vae.dtype)
    raw = family.codec.encode(vae, inside).to(video)
    shift, scale = _affine(family.normal(vae), raw)
    z = (raw - shift) * scale
    extra = family.pads(configs)
    return torch.cat([z[:, :, :1].expand(-1, -1, extra, -1, -1), z], dim=2) if extra else z


def decode(family: Family, configs: Configs, vae: Any, z: Tensor, placement: Placement) -> Float[Tensor, "b c t h w"]:
    """The video of a latent: ``x = (D(z / scale + shift) + 1) / 2``."""
    z = z[:, :, family.pads(configs) :]
    shift, scale = _affine(family.normal(vae), z)
    raw = (z / scale + shift).to(vae.device, vae.dtype)
    video = family.codec.decode(vae, raw, placement).to(z)
    return (video + 1) / 2


def denoise(
    family: Family,
    configs: Configs,
    network: Any,
    z: Tensor,
    level: NoiseLevel,
    text: Embedding,
    conditioning: Tensor | None = None,
) -> Prediction:
    """One call of the denoiser. `text` has one row, or one for each item; `conditioning` adds channels."""
    count, device, dtype = len(z), network.device, network.dtype
    law, scheduler = family.noise, configs.scheduler
    given = law.scaled(z, level, scheduler).to(device, dtype)
    call = Call(configs, given, _rows(text, count, device, dtype))
    kind = torch.int64 if law.whole_times else z.dtype
    time = torch.full((count,), law.time(level), dtype=kind, device=device)
    seen = given if conditioning is None else torch.cat([given, conditioning.to(given)], dim=1)
    output = network(family.pack(seen), timestep=time, return_dict=False, **family.arguments(call))[0]
    output = family.unpack(output, z.shape)[:, : z.shape[1]].to(z)
    return law.prediction(z, output, level, scheduler)


def prepare_denoiser(family: Family, network: Any, placement: Placement, shape: tuple[int, int, int, int]) -> None:
    """Switch checkpointing of the denoiser's blocks on or off, and prepare it for latents of a shape ``c t h w``."""
    family.settle(network, shape)
    blocks = family.blocks(network)
    if blocks is not None:
        for block in blocks:
            _checkpoint_block(block, bool(placement.denoiser_checkpointing))
    elif placement.denoiser_checkpointing:
        network.enable_gradient_checkpointing()
    else:
        network.disable_gradient_checkpointing()


def prepare_decoder(family: Family, vae: Any, placement: Placement) -> None:
    """Switch the autoencoder's own checkpoints and tiles on or off."""
    family.codec.prepare(vae, placement)


def _checkpoint_block(block: Any, wanted: bool) -> None:
    """Let a block compute again in the backward pass; diffusers has no switch for it in a 3D-UNet."""
    plain = type(block).forward

    def again(*args: Any, **kwargs: Any) -> Any:
        return recompute(partial(plain, block, *args, **kwargs))

    if wanted:
        block.forward = again
    elif "forward" in vars(block):
        del block.forward


def _affine(affine: Affine, like: Tensor) -> tuple[Tensor, Tensor]:
    def column(value: Any) -> Tensor:
        if isinstance(value, Tensor):
            return value.to(like).reshape(-1, 1, 1, 1)
        return torch.tensor(value, dtype=like.dtype, device=like.device).reshape(-1, 1, 1, 1)

    return column(affine[0]), column(affine[1])


def _rows(text: Embedding, count: int, device: torch.device, dtype: torch.dtype) -> Embedding:
    def rows(tensor: Tensor) -> Tensor:
        return tensor.to(device).expand(count, *tensor.shape[1:])

    return Embedding(
        tokens=rows(text.tokens).to(dtype),
        mask=None if text.mask is None else rows(text.mask),
        pooled=None if text.pooled is None else rows(text.pooled).to(dtype),
        label=None if text.label is None else rows(text.label),
    )
