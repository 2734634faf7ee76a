"""`converted`: the 3D-UNet of ModelScope and TF-T2V from the names of its original files to those of diffusers."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, final

import attrs
from torch import Tensor

from invsolve.errors import ReadError
from invsolve_diffusers.network.image_branch import PARTS as PARTS_OF_BRANCH

Tensors = Mapping[str, Tensor]

RESIDUAL: Final = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
TEMPORAL: Final = "temopral_conv"  # spelt so in the files
OUTSIDE: Final = {
    "input_blocks.0.0": "conv_in",
    "input_blocks.0.1": "transformer_in",
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}
PARTS: Final = ("resnets", "attentions", "temp_attentions")
UNUSED: Final = re.compile(r"pre_image|pre_y_condition|.*_embedding(_after)?\.|clip|fps_")


@final
@attrs.frozen(eq=False)
class Converted:
    """A network that was renamed.

    Attributes:
        config: arguments of `UNet3DConditionModel`.
        tensors: its parameters.
        conditioning_channels: that it takes beyond the latent's 4.
        image_branch: parameters of `ImageBranch` under their original names, where they are all there; else none.
    """

    config: dict[str, Any]
    tensors: dict[str, Tensor]
    conditioning_channels: int
    image_branch: dict[str, Tensor]


def converted(original: Tensors, head_dim: int = 64) -> Converted:
    """Rename an original state dict, and read the sizes of the network from it.

    TF-T2V takes 8 conditioning channels, which are zeros for text alone. The branch that makes them, and further
    tokens, from pictures is kept; the encoders of its other conditions (depth, sketches, ...) are left out.

    Args:
        head_dim: width of an attention head, which the parameters do not tell; 64 in all released files.

    Raises:
        ReadError: for parameters that are not of such a network.

    References:
        Names and order of modules in ali-vilab/VGen (`UNetSD_TFT2V`) and in modelscope (`UNetSD`).
    """
    if "input_blocks.0.0.weight" not in original or "out.2.weight" not in original:
        raise ReadError(
            "these are not the parameters of ModelScope's or TF-T2V's 3D-UNet: input_blocks.0.0.weight or out.2.weight "
            f"is not among them; there is {', '.join(sorted(original)[:3])}, ..."
        )
    down, up = _walked(original)
    made: dict[str, Tensor] = {}
    for name, tensor in original.items():
        new = _renamed(name, down, up)
        if new is not None:
            # temporal attention projects by convolutions of size 1, which diffusers writes as matrices
            made[new] = tensor.squeeze(-1) if tensor.ndim == 3 else tensor
    channels = made["conv_out.weight"].shape[0]
    conditioning_channels = made["conv_in.weight"].shape[1] - channels
    branch = {name: tensor for name, tensor in original.items() if name.split(".")[0] in PARTS_OF_BRANCH}
    if {name.split(".")[0] for name in branch} != set(PARTS_OF_BRANCH):
        branch = {}
    return Converted(_config(made, down, head_dim), made, conditioning_channels, branch)


@final
@attrs.frozen
class Place:
    """The new place of a block of the original: its level, as in ``down_blocks.1``, and its layer."""

    level: int
    layer: int


def _walked(original: Tensors) -> tuple[dict[int, Place], dict[int, Place]]:
    """The places of the original's blocks, on the way down and up, by their numbers."""
    down = _places(original, "input_blocks", re.compile(r"op\."))
    up = _places(original, "output_blocks", re.compile(r"\d+\.conv\."))
    return down, up


def _places(original: Tensors, side: str, sampler: re.Pattern[str]) -> dict[int, Place]:
    """Numbered blocks as levels and layers: a level ends with a parameter of its sampler."""
    inner: dict[int, set[str]] = defaultdict(set)
    for name in original:
        first, _, rest = name.partition(".")
        if first == side:
            number, _, last = rest.partition(".")
            inner[int(number)].add(last)
    if side == "input_blocks":
        del inner[0]  # the first convolution
    places: dict[int, Place] = {}
    level = layer = 0
    for index in sorted(inner):
        places[index] = Place(level, layer)
        ends = any(sampler.match(last) for last in inner[index])
        level, layer = (level + 1, 0) if ends else (level, layer + 1)
    return places


def _renamed(name: str, down: dict[int, Place], up: dict[int, Place]) -> str | None:
    for old, new in OUTSIDE.items():
        if name.startswith(f"{old}."):
            return new + name.removeprefix(old)
    side, _, rest = name.partition(".")
    if side == "middle_block":
        number, _, inner = rest.partition(".")
        part = {"0": ("resnets", 0), "1": ("attentions", 0), "2": ("temp_attentions", 0), "3": ("resnets", 1)}[number]
        return _inside("mid_block", part[0], part[1], inner)
    if side in ("input_blocks", "output_blocks"):
        number, _, inner = rest.partition(".")
        place = (down if side == "input_blocks" else up)[int(number)]
        block = f"{'down' if side == 'input_blocks' else 'up'}_blocks.{place.level}"
        if inner.startswith("op."):
            return f"{block}.downsamplers.0.conv.{inner.removeprefix('op.')}"
        index, _, inner = inner.partition(".")
        if inner.startswith("conv."):
            return f"{block}.upsamplers.0.{inner}"
        return _inside(block, PARTS[int(index)], place.layer, inner)
    if UNUSED.match(name):
        return None
    raise ReadError(f"the parameter {name!r} has no place in a 3D-UNet of ModelScope or TF-T2V.")


def _inside(block: str, part: str, layer: int, inner: str) -> str:
    if part != "resnets":
        return f"{block}.{part}.{layer}.{inner}"
    if inner.startswith(f"{TEMPORAL}."):
        return f"{block}.temp_convs.{layer}.{inner.removeprefix(f'{TEMPORAL}.')}"
    for old, new in RESIDUAL.items():
        if inner.startswith(f"{old}."):
            return f"{block}.resnets.{layer}.{new}{inner.removeprefix(old)}"
    raise ReadError(f"the parameter {inner!r} has no place in a residual block.")


def _config(made: Tensors, down: dict[int, Place], head_dim: int) -> dict[str, Any]:
    levels = 1 + max(place.level for place in down.values())
    attends = [any(name.startswith(f"down_blocks.{level}.attentions.") for name in made) for level in range(levels)]
    text = made["mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"]
    return {
        "in_channels": made["conv_in.weight"].shape[1],
        "out_channels": made["conv_out.weight"].shape[0],
        "down_block_types": tuple("CrossAttnDownBlock3D" if each else "DownBlock3D" for each in attends),
        "up_block_types": tuple("CrossAttnUpBlock3D" if each else "UpBlock3D" for each in reversed(attends)),
        "block_out_channels": tuple(
            made[f"down_blocks.{level}.resnets.0.conv1.weight"].shape[0] for level in range(levels)
        ),
        "layers_per_block": sum(place.level == levels - 1 for place in down.values()),
        "cross_attention_dim": text.shape[1],
        "attention_head_dim": head_dim,
    }
