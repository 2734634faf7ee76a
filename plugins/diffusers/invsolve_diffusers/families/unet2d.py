"""What the families with a `UNet2DModel` share: sizes, and the class of models of classes."""

from typing import Any

from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.configs import Configs


def halvings(configs: Configs) -> int:
    """Sizes must be multiples of this: the network halves them at each level but the last, and joins them again."""
    return int(2 ** (len(configs.denoiser["block_out_channels"]) - 1))


def class_argument(call: Call) -> dict[str, Any]:
    """The class of each picture, where the network takes one."""
    return {} if call.text.label is None else {"class_labels": call.text.label}


def refuses_unet2d(configs: Configs) -> str | None:
    """Why the network is more than a denoiser of pictures, or None."""
    config = configs.denoiser
    given, made = config["in_channels"], config["out_channels"]
    if made not in (given, 2 * given):
        return f"its network takes {given} channels and gives {made}, so that it is no denoiser of one picture"
    if config["class_embed_type"] is not None:
        return f"it wants a condition of another kind than a class (class_embed_type {config['class_embed_type']!r})"
    return None
