"""Weights of an exposure-conditioned CogVideoX: put on its transformer, and written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save_file
from torch import Tensor, nn

from invsolve.errors import CapabilityError, ReadError
from invsolve.files.atomic import atomic
from invsolve_diffusers.adapters.lora import low_ranks, merge, tensors_of
from invsolve_diffusers.adapters.trained import Adapted, pairs_of
from invsolve_diffusers.network.exposed_patch_embed import ExposedPatchEmbed

FORMAT: Final = "invsolve-cogvideox-exposures-1"
OWN: Final = {"exposure.projection.weight", "exposure.projection.bias", "exposure.table"}


def check_transformer(config: Mapping[str, Any], where: str) -> None:
    """Raise `CapabilityError` for variants that have no place for a blurred first frame."""
    if config["in_channels"] != config["out_channels"] or config.get("patch_size_t") is not None:
        raise CapabilityError(
            f"{where} is an image-to-video model or CogVideoX 1.5; exposures are for CogVideoX-2B and 5B, whose latent "
            "frames stand alone."
        )


def put_exposures(network: Any, file: Path) -> None:
    """Give a transformer the projection and the table of `file`, and the LoRA or the whole weights beside them.

    Raises:
        ReadError: for a file of another kind or another model.
    """
    tensors, metadata = tensors_of(file)
    own = {key: tensors.pop(key) for key in OWN & tensors.keys()}
    if len(own) < len(OWN):
        raise ReadError(
            f"{file} lacks {', '.join(sorted(OWN - own.keys()))}: it is not the file that `task: {{use: "
            "cogvideox_exposures}` ends in."
        )
    if any(".lora_A." in key for key in tensors):
        merge(network, low_ranks(tensors, metadata, file), 1.0, file)
    elif tensors:
        whole = {key.removeprefix("transformer."): value for key, value in tensors.items()}
        _filled(network, whole, file)
    embed = ExposedPatchEmbed(network.patch_embed)
    _filled(embed, {f"inner.{key}": value for key, value in embed.inner.state_dict().items()} | _bare(own), file)
    network.patch_embed = embed.eval().requires_grad_(False)


def write_exposures(network: Any, path: Path, facts: Mapping[str, str]) -> None:
    """Write projection and table, and the low-rank weights of an adapted transformer, or else all of its weights."""
    embed: ExposedPatchEmbed = network.patch_embed
    tensors: dict[str, Tensor] = {
        "exposure.projection.weight": embed.projection.weight,
        "exposure.projection.bias": embed.projection.bias,
        "exposure.table": embed.table,
    }
    if any(isinstance(module, Adapted) for module in network.modules()):
        tensors |= dict(pairs_of(network))
    else:
        names = ((key.replace("patch_embed.inner.", "patch_embed."), value) for key, value in _state(network))
        tensors |= {f"transformer.{key}": value for key, value in names}
    stored = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    with atomic(path, replace=True) as partial:
        save_file(stored, partial, {"format": FORMAT, **facts})


def _state(network: nn.Module) -> list[tuple[str, Tensor]]:
    own = ("patch_embed.projection.", "patch_embed.table")
    return [(key, value) for key, value in network.state_dict().items() if not key.startswith(own)]


def _bare(own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix("exposure."): value for key, value in own.items()}


def _filled(module: nn.Module, tensors: Mapping[str, Tensor], file: Path) -> None:
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise ReadError(f"{file} is of another model: {' '.join(str(error).split())[:300]}") from error
