"""`LowRank` weights: read from a file, merged into a network, written again."""

import json
import math
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from invsolve.errors import CapabilityError, ReadError

Tensors = Mapping[str, Tensor]

DOWN: Final = ("lora_A.weight", "lora.down.weight", "lora_A.default.weight")
UP: Final = ("lora_B.weight", "lora.up.weight", "lora_B.default.weight")
PREFIXES: Final = ("transformer.", "unet.", "base_model.model.")
TEXT: Final = re.compile(r"(text_encoder|text_model|lora_te)")
SETTINGS: Final = "lora_adapter_metadata"  # where diffusers keeps ranks and factors


@final
@attrs.frozen(eq=False)
class LowRank:
    """``factor B A`` for the weight of one module.

    Attributes:
        down: ``A``, ``r in ...``.
        up: ``B``, ``out r ...``.
        factor: ``alpha / r``.
    """

    down: Tensor
    up: Tensor
    factor: float

    def delta(self) -> Tensor:
        """The change of the weight, ``out (in ...)``, float32."""
        return self.factor * (self.up.flatten(1).float() @ self.down.flatten(1).float())


def tensors_of(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file; raises `ReadError` where it is none."""
    try:
        with safe_open(file, framework="pt") as stored:
            return {key: stored.get_tensor(key) for key in stored.keys()}, stored.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ReadError(
            f"{file} is not a complete safetensors file ({error}). Pickled files (.bin, .pt) run code when they are "
            "read; get the safetensors version."
        ) from error


def low_ranks(tensors: Tensors, metadata: Mapping[str, str], file: Path) -> dict[str, LowRank]:
    """The pairs of a file by the names of their modules in the denoiser.

    Raises:
        ReadError: for names that are not a pair's.
        CapabilityError: for kinds that are no product of two matrices.
    """
    settings = _settings(metadata, file)
    pairs: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if TEXT.match(name):
            warnings.warn(f"{file} changes the text encoder too ({name}), which is left as it is.", stacklevel=2)
            continue
        module, part = _split(name, file)
        pairs.setdefault(module, {})[part] = tensor
    found = {}
    for module, parts in pairs.items():
        if not {"down", "up"} <= parts.keys():
            raise ReadError(f"{file} has one half of the pair of {module} only; copy it again whole.")
        rank = parts["down"].shape[0]
        alpha = float(parts["alpha"]) if "alpha" in parts else float(settings.get("lora_alpha", rank))
        found[module] = LowRank(
            parts["down"], parts["up"], alpha / (math.sqrt(rank) if settings.get("use_rslora") else rank)
        )
    if not found:
        raise ReadError(f"{file} holds no LoRA weights for the denoiser.")
    return found


def merge(network: nn.Module, pairs: Mapping[str, LowRank], scale: float, file: Path) -> None:
    """Add them to the network's weights; raises `ReadError` for a module that is not there or is of another size."""
    modules = dict(network.named_modules())
    for name, pair in pairs.items():
        weight = getattr(modules.get(name), "weight", None)
        if not isinstance(weight, Tensor):
            raise ReadError(f"{file} has LoRA weights for {name!r}, which the denoiser does not have: another model's.")
        delta = pair.delta()
        if delta.numel() != weight.numel() or len(delta) != len(weight):
            raise ReadError(
                f"{file} has LoRA weights of {len(pair.up)} x {pair.down[0].numel()} for {name!r}, whose weight is "
                f"{' x '.join(str(n) for n in weight.shape)}: another model's."
            )
        with torch.no_grad():
            changed = weight.float() + scale * delta.reshape(weight.shape).to(weight.device)
            weight.copy_(changed.to(weight.dtype))


def _split(name: str, file: Path) -> tuple[str, str]:
    bare = name
    for prefix in PREFIXES:
        bare = bare.removeprefix(prefix)
    for part, endings in (("down", DOWN), ("up", UP), ("alpha", ("alpha",))):
        for ending in endings:
            if bare.endswith(f".{ending}"):
                return bare.removesuffix(f".{ending}"), part
    if "magnitude" in name or "dora_scale" in name:
        raise CapabilityError(f"{file} is a DoRA ({name}), which scales weights as well; only LoRA is merged.")
    raise ReadError(
        f"{file} holds {name!r}, which is no LoRA weight as diffusers names them (MODULE.lora_A.weight and "
        "MODULE.lora_B.weight). Files of other programs become such a file by diffusers: `pipeline.load_lora_weights`, "
        "then `pipeline.unet.save_lora_adapter(FOLDER)`."
    )


def _settings(metadata: Mapping[str, str], file: Path) -> dict[str, Any]:
    """Of the adapter, without the name of its component; raises `CapabilityError` for what a merge would get wrong."""
    said = metadata.get(SETTINGS)
    if said is None:
        return {}
    try:
        read = json.loads(said)
    except ValueError as error:
        raise ReadError(f"{file}: its {SETTINGS} is not readable JSON ({error}); copy it again.") from error
    settings = {key.rsplit(".", 1)[-1]: value for key, value in read.items()}
    for key in ("alpha_pattern", "use_dora"):
        if settings.get(key):
            raise CapabilityError(f"{file} says {key}: {settings[key]!r}, which is not supported.")
    return settings
