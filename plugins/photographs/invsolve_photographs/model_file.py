"""The model file of the network for photographs: safetensors with sizes, facts and a hash inside."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs
import cattrs

from invsolve.errors import ReadError
from invsolve.files.tensor_file import digest, read_tensors, write_tensors
from invsolve_photographs.network.configuration import PhotographConfiguration
from invsolve_photographs.network.photograph_network import PhotographNetwork, channels_last

FORMAT: Final = "invsolve-photographs-1"
WAY_OUT: Final = "Copy it again."


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
    write_tensors(path, tensors, {"format": FORMAT, "card": card, "sha256": digest(tensors)})


def read_network(path: Path) -> PhotographModel:
    """Read a model file.

    Raises:
        ReadError: for a file that is missing, cut short, of another format, damaged, or whose parameters are not those
            of a network of its sizes.
    """
    file = read_tensors(path, "a model for photographs", WAY_OUT)
    metadata = file.facts
    if metadata.get("format") != FORMAT:
        raise ReadError(
            f"{path} is a safetensors file, but not a model for photographs: its format is"
            f" {metadata.get('format', 'none')!r}, expected {FORMAT!r}."
        )
    if not file.sealed and digest(file.tensors) != metadata.get("sha256"):
        raise ReadError(f"{path} is damaged: its parameters do not have the hash in the file. {WAY_OUT}")
    try:
        card = json.loads(metadata["card"])
        sizes = cattrs.Converter(forbid_extra_keys=True).structure(card["sizes"], PhotographConfiguration)
        network = PhotographNetwork(sizes)
        network.load_state_dict(dict(file.tensors))
    except Exception as error:  # whatever a foreign file holds
        raise ReadError(f"{path} does not hold a network of this version: {error}") from error
    return PhotographModel(
        channels_last(network).eval().requires_grad_(False), sizes, card["facts"], metadata["sha256"]
    )
