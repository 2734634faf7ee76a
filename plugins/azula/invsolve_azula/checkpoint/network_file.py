"""`NetworkFile`: a converted checkpoint, safetensors with its family and config inside."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, final

import attrs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from invsolve.errors import ComponentError, ReadError
from invsolve.files.atomic import atomic
from invsolve_azula.families.family import Config, Family
from invsolve_azula.families.known import family_named

FORMAT: Final = "invsolve-azula-1"
HOW: Final = "Convert the original with `invsolve azula convert ORIGINAL FILE.safetensors`."


@final
@attrs.frozen
class NetworkFile:
    """A file that `write` made.

    Attributes:
        path: the file.
    """

    path: Path

    @cached_property
    def family(self) -> Family:
        """Its family; raises `ReadError` for a file that is missing, damaged or foreign."""
        try:
            return family_named(self._facts.get("family", "none"))
        except ComponentError as error:
            raise ReadError(f"{self.path}: {error} It may be from a newer version.") from error

    @cached_property
    def config(self) -> Config:
        """How its network is built; raises `ReadError` as `family` does."""
        try:
            read = json.loads(self._facts["config"])
        except (KeyError, ValueError) as error:
            raise ReadError(f"{self.path} holds no config that can be read ({error}). {HOW}") from error
        if not isinstance(read, dict):
            raise ReadError(f"{self.path} holds no config that can be read (it is no mapping). {HOW}")
        return read

    def network(self) -> nn.Module:
        """The network with its parameters, float32, frozen; raises `ReadError` where they do not fit it."""
        with torch.random.fork_rng(devices=[]):  # a new network draws parameters, which are replaced
            try:
                network = self.family.network(self.config)
            except ComponentError as error:
                raise ReadError(f"{self.path}: {error}") from error
        with self._opened() as stored:
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  not a dict
        check_fit(network, {name: tuple(value.shape) for name, value in tensors.items()}, str(self.path))
        network.load_state_dict(tensors)
        return network.eval().requires_grad_(False)

    @cached_property
    def _facts(self) -> Mapping[str, str]:
        with self._opened() as stored:
            facts: Mapping[str, str] = stored.metadata() or {}
        if facts.get("format") != FORMAT:
            raise ReadError(f"{self.path} is a safetensors file, but none of `invsolve azula convert`. {HOW}")
        return facts

    def _opened(self) -> Any:
        if not self.path.is_file():
            raise ReadError(f"there is no file {self.path}.")
        try:
            return safe_open(self.path, framework="pt")
        except (SafetensorError, OSError) as error:
            raise ReadError(f"{self.path} is not a complete safetensors file ({error}). {HOW}") from error


def write(path: Path, family: Family, config: Config, tensors: Mapping[str, Tensor], source: str) -> None:
    """Write a network.

    Args:
        source: where the parameters come from, for people.

    Raises:
        ReadError: where they do not fill the family's network.
        WriteError: where `path` exists or cannot be written.
        DiskFull: where the disk is full.
    """
    with torch.device("meta"):
        network = family.network(config)
    check_fit(network, {name: tuple(value.shape) for name, value in tensors.items()}, source)
    plain = {name: value.detach().cpu().clone(memory_format=torch.contiguous_format) for name, value in tensors.items()}
    facts = {"format": FORMAT, "family": family.name, "config": json.dumps(dict(config)), "source": source}
    with atomic(path) as temporary:
        save_file(plain, temporary, facts)


def check_fit(network: nn.Module, shapes: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Raise `ReadError` unless these are the parameters of the network, naming what is not."""
    own = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    kind = type(network).__name__
    missing, extra = sorted(own.keys() - shapes.keys()), sorted(shapes.keys() - own.keys())
    if missing or extra:
        raise ReadError(
            f"{where} does not fit {kind} of this config: {_some(missing)} missing, {_some(extra)} left over."
        )
    for name, shape in own.items():
        if shapes[name] != shape:
            raise ReadError(f"{where} does not fit {kind} of this config: {name} is {shapes[name]}, expected {shape}.")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more if names else "nothing"
