"""`original_network`: family, config and parameters of a published file."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from invsolve.errors import ReadError
from invsolve_azula.checkpoint.pickled_network import PickledNetwork, pickled_network
from invsolve_azula.families.edm import EDM
from invsolve_azula.families.edm2 import EDM2
from invsolve_azula.families.family import Config, Family

TRAINING: Final = ("use_fp16", "dropout", "label_dropout", "sigma_min", "sigma_max", "logvar_channels")
USUAL: Final = {
    "decoder_type": "standard",
    "res_balance": 0.3,
    "attn_balance": 0.3,
    "clip_act": 256,
    "channels_per_head": 64,
}
"""Arguments that the published networks leave at these values, and that the networks here do not have."""
NESTED: Final = ("model_ema1", "model_ema", "ema", "state_dict", "model")


def of_pickle(path: Path) -> tuple[Family, Config, Mapping[str, Tensor]]:
    """Family, config and parameters of a ``.pkl`` of EDM or EDM2, of which no code is run; raises `ReadError`."""
    found = pickled_network(path)
    if found.kind == "EDMPrecond":
        return EDM(), _config(found, path), _within(found.tensors, "model.")
    if found.kind == "Precond":
        return EDM2(), _config(found, path) | _latent(found), _within(found.tensors, "unet.")
    raise ReadError(
        f"{path} holds a network {found.kind!r}; what can be converted are EDMPrecond (EDM) and Precond (EDM2)."
    )


def state_dict(path: Path) -> Mapping[str, Tensor]:
    """The parameters of a ``.pt`` or ``.pth`` by their names; the averaged ones where there are several.

    Raises:
        ReadError: for a file that is damaged, or holds more than weights, with the way out.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise ReadError(
            f"{path} holds more than weights, and to read that would run code of the file, so it is refused. If you "
            "trust it, write its weights alone, in an environment of its own: `import torch; s = torch.load('in.pt', "
            "map_location='cpu', weights_only=False); torch.save(s['state_dict'], 'out.pt')`."
        ) from error
    except Exception as error:  # whatever a damaged file leads to
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ReadError(f"{path} is not a file of torch.save that can be read ({said}); download it again.") from error
    for name in NESTED:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
            break
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()) or not content:
        raise ReadError(f"{path} holds no parameters by their names; it is no checkpoint of a network.")
    return {str(name).removeprefix("module.").removeprefix("net."): value for name, value in content.items()}


def _within(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _config(found: PickledNetwork, path: Path) -> dict[str, Any]:
    config = {str(name): _plain(value) for name, value in found.arguments.items() if name not in TRAINING}
    for name, usual in USUAL.items():
        if config.pop(name, usual) != usual:
            raise ReadError(f"{path} has a network with {name} = {found.arguments[name]!r}; only {usual!r} is known.")
    return config


def _latent(found: PickledNetwork) -> dict[str, Any]:
    encoder = found.beside.get("encoder", {})
    if "scale" not in encoder or "bias" not in encoder:
        return {}
    return {"latent_scale": _plain(encoder["scale"]), "latent_bias": _plain(encoder["bias"])}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else value.tolist()
