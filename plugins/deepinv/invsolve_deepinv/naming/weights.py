"""`load_weights`: the parameters of a denoiser from a file, read without running any code in it."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from invsolve.errors import ReadError

SAFE: Final = ".safetensors"
ZIPPED: Final = (".pth", ".pt", ".ckpt", ".pth.tar")  # what deepinv's own weights are kept in
INSIDE: Final = ("state_dict", "params_ema", "params", "model")  # where a checkpoint keeps them


def load_weights(network: nn.Module, path: Path) -> None:
    """Put all parameters of a file into `network`, in place.

    Files end in ``.safetensors``, or in ``.pth``, ``.pt`` or ``.ckpt``; of the latter tensors alone are read, and what
    would run code is refused.

    Raises:
        ReadError: for a file that is missing or not readable, and for parameters that are not those of `network`.
    """
    found = _read(path)
    known = network.state_dict()
    missing, foreign = sorted(known.keys() - found.keys()), sorted(found.keys() - known.keys())
    wrong = sorted(name for name in known.keys() & found.keys() if known[name].shape != found[name].shape)
    faults = [
        f"{len(names)} {what}, the first {names[0]!r}"
        for what, names in (("missing", missing), ("unknown", foreign), ("of another shape", wrong))
        if names
    ]
    if faults:
        raise ReadError(
            f"{path} does not hold the parameters of {type(network).__name__} with these arguments: "
            f"{'; '.join(faults)}."
        )
    network.load_state_dict(found)


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ReadError(f"there is no file {path}.")
    if path.suffix.lower() == SAFE:
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise ReadError(f"{path} is no readable .safetensors file: {error}") from error
    if not path.name.lower().endswith(ZIPPED):
        raise ReadError(f"{path}: weights are read from {SAFE}, {', '.join(ZIPPED)} files.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files that are refused in the next line but one
            stored: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[:1]
        raise ReadError(
            f"{path} cannot be read as tensors alone: {''.join(reason)}. A file that holds code is not loaded; "
            "write its state_dict with safetensors.torch.save_file."
        ) from error
    for name in INSIDE:
        if isinstance(stored, Mapping) and isinstance(stored.get(name), Mapping):
            stored = stored[name]
    if not isinstance(stored, Mapping) or not all(isinstance(value, Tensor) for value in stored.values()):
        raise ReadError(f"{path} holds {type(stored).__name__}, not the parameters of a network by their names.")
    return dict(stored)
