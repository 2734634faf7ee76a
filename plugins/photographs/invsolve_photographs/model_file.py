"""The model file of the network for photographs: safetensors with sizes, facts and a hash inside."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs
import cattrs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.atomic import atomic
from invsolve_photographs.network.configuration import PhotographConfiguration
from invsolve_photographs.network.photograph_network import PhotographNetwork, channels_last

FORMAT: Final = "invsolve-photographs-1"


@final
@attrs.frozen(eq=False)
class PhotographModel:
    """A network in float32, frozen, what is known of it, and the hash of its parameters."""

    network: PhotographNetwork
    sizes: PhotographConfiguration
    facts: Mapping[str, Any]
    sha256: str


def write_network(
    path: Path, network: PhotographNetwork, sizes: PhotographConfiguration, facts: Mapping[str, object]
) -> None:
    """Write a network in bfloat16 (what has fewer than two axes in float32)."""
    tensors = {
        name: (value.bfloat16() if value.ndim >= 2 else value.float()).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    card = json.dumps({"sizes": attrs.asdict(sizes), "facts": dict(facts)}, indent=1)
    with atomic(path, replace=True) as partial:
        save_file(tensors, partial, {"format": FORMAT, "card": card, "sha256": _digest(tensors)})


def read_network(path: Path) -> PhotographModel:
    """Read a model file.

    Raises `ReadError` for a file that is missing, cut short, of another format, damaged, or whose parameters are not
    those of a network of its sizes.
    """
    metadata, tensors = _contents(path)
    if metadata.get("format") != FORMAT:
        raise ReadError(
            f"{path} is a safetensors file, but not a model for photographs: its format is"
            f" {metadata.get('format', 'none')!r}, expected {FORMAT!r}."
        )
    if _digest(tensors) != metadata.get("sha256"):
        raise ReadError(f"{path} is damaged: its parameters do not have the hash in the file. Copy it again.")
    try:
        card = json.loads(metadata["card"])
        sizes = cattrs.Converter(forbid_extra_keys=True).structure(card["sizes"], PhotographConfiguration)
        network = PhotographNetwork(sizes)
        network.load_state_dict(tensors)
    except Exception as error:  # whatever a foreign file holds
        raise ReadError(f"{path} does not hold a network of this version: {error}") from error
    return PhotographModel(
        channels_last(network).eval().requires_grad_(False), sizes, card["facts"], metadata["sha256"]
    )


def _contents(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    if not path.is_file():
        raise ReadError(f"there is no file {path}.")
    try:
        with safe_open(path, framework="pt") as stored:
            return stored.metadata() or {}, {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ReadError(f"{path} cannot be read as a safetensors file: {error}.") from error


def _digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of names, types, shapes and bytes, in the order of the names."""
    whole = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        whole.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        whole.update(value.flatten().contiguous().view(torch.uint8).numpy().tobytes())
    return whole.hexdigest()
