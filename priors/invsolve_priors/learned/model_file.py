"""The model file: safetensors with a `ModelCard` and a hash inside; everything else is refused with a reason."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs
import torch
from torch import Tensor, nn

from invsolve.errors import ReadError
from invsolve.files.tensor_file import digest, read_facts, read_tensors, write_tensors
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianEstimate
from invsolve_priors.learned.stdit.network import STDiTNetwork

FORMAT: Final = "invsolve-model-1"
WHAT: Final = "a model file"
WAY_OUT: Final = "Copy it again."


@final
@attrs.frozen(eq=False, kw_only=True)
class Model:
    """The networks of a model file, in float32, frozen, with their card and the hash of their parameters."""

    card: ModelCard
    sha256: str
    autoencoder: Autoencoder | None
    denoiser: STDiTNetwork | None
    gaussian: GaussianEstimate | None


def write_model(path: Path, card: ModelCard, networks: Mapping[str, nn.Module]) -> None:
    """Write networks in bfloat16 (what has fewer than two axes in float32) with their card."""
    tensors = {
        f"{part}.{name}": _plain(value.bfloat16() if value.ndim >= 2 else value.float())
        for part, network in networks.items()
        for name, value in network.state_dict().items()
    }
    metadata = {"format": FORMAT, "card": card.to_json(), "sha256": digest(tensors)}
    write_tensors(path, tensors, metadata)


def read_model(path: Path) -> Model:
    """Read a model file.

    Raises:
        ReadError: for a file that is missing, cut short, not of this format, damaged, or whose parameters are not those
            of the networks on its card.
    """
    card = read_card(path)
    file = read_tensors(path, WHAT, WAY_OUT)
    if not file.sealed and digest(file.tensors) != file.facts.get("sha256"):
        raise ReadError(f"{path} is damaged: its parameters do not have the hash on its card. {WAY_OUT}")
    with torch.random.fork_rng(devices=[]):  # new networks draw parameters, which are replaced
        autoencoder = None if card.autoencoder is None else Autoencoder(card.autoencoder)
        denoiser = None if card.denoiser is None else STDiTNetwork(card.denoiser)
        gaussian = None if card.gaussian is None else GaussianEstimate(card.gaussian)
    for name, network in (("autoencoder", autoencoder), ("denoiser", denoiser), ("gaussian", gaussian)):
        if network is not None:
            _load(network, name, file.tensors, path)
    return Model(card=card, sha256=file.facts["sha256"], autoencoder=autoencoder, denoiser=denoiser, gaussian=gaussian)


def read_card(path: Path) -> ModelCard:
    """The card of a model file, whose parameters are not looked at.

    Raises:
        ReadError: for a file that is missing, cut short or not of this format.
    """
    metadata = read_facts(path, WHAT, WAY_OUT)
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")
        raise ReadError(
            f"{path} is a safetensors file, but not a model of invsolve: its format is {found!r}, expected {FORMAT!r}."
        )
    try:
        return ModelCard.from_json(metadata["card"])
    except Exception as error:  # whatever a foreign card holds
        raise ReadError(f"{path} has a card that cannot be read ({error}); it is from another version.") from error


def load_parameters(network: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Load a state dict key for key; raises `ReadError` that names what is missing, left over or of another shape."""
    own = network.state_dict()
    missing, extra = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    if missing or extra:
        raise ReadError(
            f"{where} does not fit {type(network).__name__}: {_some(missing)} missing, {_some(extra)} left over."
        )
    for name, value in own.items():
        if tensors[name].shape != value.shape:
            found, wanted = tuple(tensors[name].shape), tuple(value.shape)
            raise ReadError(f"{where} does not fit {type(network).__name__}: {name} is {found}, expected {wanted}.")
    network.load_state_dict(dict(tensors))
    network.eval().requires_grad_(False)


def _load(network: nn.Module, part: str, tensors: Mapping[str, Tensor], path: Path) -> None:
    prefix = f"{part}."
    own = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    load_parameters(network, own, f"{path} ({part})")


def _some(names: list[str]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _plain(value: Tensor) -> Tensor:
    return value.detach().cpu().clone(memory_format=torch.contiguous_format)
