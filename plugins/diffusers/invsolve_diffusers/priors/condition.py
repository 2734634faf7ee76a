"""Conditions of a problem as what a denoiser is given: tokens, numbers of exposures, pictures."""

from pathlib import Path
from typing import Any, Final, final

import attrs
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from invsolve.errors import CapabilityError, ReadError, SpaceError
from invsolve_diffusers.checkpoint import IMAGE_BRANCH, Checkpoint
from invsolve_diffusers.checkpoint.weight_files import check_weights
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.exposed_patch_embed import FRAMES_PER_LATENT, NUMBERS
from invsolve_diffusers.network.image_branch import ImageBranch

ENCODER: Final = "image_encoder"
MEAN: Final = (0.48145466, 0.4578275, 0.40821073)  # of CLIP's pictures, Radford et al. 2021, their code
STD: Final = (0.26862954, 0.26130258, 0.27577711)


def told_tokens(checkpoint: Checkpoint, tokens: Tensor) -> Embedding:
    """A condition in the place of the prompt; raises `SpaceError` for tokens of another width."""
    rule = checkpoint.family.text
    width = tokens.shape[2] if rule is None else checkpoint.configs.denoiser[rule.width_key]
    if tokens.shape[2] != width:
        raise SpaceError(
            f"the condition has shape {tuple(tokens.shape)}; tokens of a text for {checkpoint.path} are {width} wide. "
            "Times of exposures, as `exposure_conditioned` gives them, need weights that were trained with them: "
            "`{use: cogvideox, exposure: FILE}`."
        )
    return Embedding(tokens=tokens)


def exposed_channels(z: Tensor, condition: Tensor | None) -> Tensor:
    """The numbers of each latent frame as channels, equal at all pixels."""
    if condition is None or tuple(condition.shape) != (len(z), z.shape[2], NUMBERS):
        got = "none" if condition is None else f"one of shape {tuple(condition.shape)}"
        raise SpaceError(
            f"with `exposure`, the condition is when each latent frame was exposed, b t v = "
            f"{(len(z), z.shape[2], NUMBERS)}, got {got}. Wrap the prior: {{use: exposure_conditioned, "
            f"frames_per_latent: {FRAMES_PER_LATENT}, prior: {{use: cogvideox, ...}}}}."
        )
    return condition.to(z).transpose(1, 2)[..., None, None].expand(-1, -1, -1, *z.shape[3:])


@final
@attrs.frozen(eq=False)
class Sight:
    """What TF-T2V sees pictures with.

    Attributes:
        branch: makes channels and tokens.
        clip: the encoder of pictures in the folder ``image_encoder``; None where there is none, and then no tokens.
    """

    branch: ImageBranch
    clip: Any


def sight_of(checkpoint: Checkpoint, device: torch.device) -> Sight:
    """What a checkpoint's folder holds of it; raises `ReadError` for files of another kind."""
    file, folder = checkpoint.folder / IMAGE_BRANCH, checkpoint.folder / ENCODER
    try:
        branch = ImageBranch(load_file(file))
    except (SafetensorError, RuntimeError, KeyError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise ReadError(f"{file} is not TF-T2V's branch for pictures ({said}); convert the original again.") from error
    clip = _clip(folder).to(device) if folder.is_dir() else None
    return Sight(branch.to(device).eval().requires_grad_(False), clip)


def seen_pictures(
    checkpoint: Checkpoint, sight: Sight, video: Tensor, text: Embedding, z: Tensor
) -> tuple[Tensor, Embedding]:
    """The channels that TF-T2V sees pictures by, and the text with tokens of the central one.

    Args:
        video: ``b 3 t h w`` in [0, 1], of the clip's size, or one picture for all frames.

    Raises:
        SpaceError: for pictures of another size.
    """
    factor = checkpoint.family.downsampling(checkpoint.configs)
    wanted = (3, z.shape[2], factor * z.shape[3], factor * z.shape[4])
    video = video.expand(-1, -1, z.shape[2], -1, -1) if video.shape[2] == 1 else video
    if video.shape[1:] != wanted:
        raise SpaceError(f"the condition has shape {tuple(video.shape)}, expected b {wanted}, or one frame of it.")
    branch = sight.branch
    with torch.no_grad():
        pictures = video.to(z.device, torch.float32)
        channels = branch.channels(pictures).to(z)
        if sight.clip is None:
            return channels, text
        central = pictures[:, :, pictures.shape[2] // 2]
        more = branch.tokens(_clip_embedding(sight.clip, central))
        rows = text.tokens.to(more).expand(len(more), -1, -1)
        return channels, Embedding(tokens=torch.cat([rows, more], dim=1))


def _clip_embedding(encoder: Any, pictures: Tensor) -> Tensor:
    """``b d``, float32."""
    side = encoder.config.image_size
    scaled = torch.nn.functional.interpolate(pictures, (side, side), mode="bicubic", antialias=True).clamp(0, 1)
    mean, std = (scaled.new_tensor(each).view(1, 3, 1, 1) for each in (MEAN, STD))
    found: Tensor = encoder(pixel_values=(scaled - mean) / std).image_embeds
    return found


def _clip(folder: Path) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise CapabilityError(
            "CLIP tokens of a picture need transformers: pip install 'invsolve-diffusers[text]'."
        ) from error
    variant = check_weights(folder)
    try:
        loaded: Any = transformers.CLIPVisionModelWithProjection.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, variant=variant
        )
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        raise ReadError(f"{folder} could not be loaded as a CLIP encoder of pictures: {said}") from error
    return loaded.eval().requires_grad_(False)
