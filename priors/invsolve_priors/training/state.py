"""`TrainingState`: all that a step changes, and its file."""

import copy
import json
from pathlib import Path
from typing import Final, final

import attrs
import torch
from torch import Tensor, nn

from invsolve.errors import ReadError
from invsolve.files.tensor_file import read_tensors, require_seal, write_tensors
from invsolve_priors.training.optimisation import Optimisation

FORMAT: Final = "invsolve-training-2"
UNSEALED: Final = "invsolve-training-1"
"""The same without a hash of its content."""
WAY_OUT: Final = "Remove it to start over."


@final
@attrs.define(eq=False)
class TrainingState:
    """The network, its averaged copy, the optimisers, and how many steps were made."""

    network: nn.Module
    average: nn.Module
    optimisers: tuple[torch.optim.Optimizer, ...]
    step: int = 0

    @classmethod
    def new(cls, network: nn.Module, optimisation: Optimisation) -> "TrainingState":
        """The state before the first step; what the optimisation does not train is frozen."""
        optimisation.freeze(network)
        average = copy.deepcopy(network).eval().requires_grad_(False)
        return cls(network, average, optimisation.optimisers(network))

    def update_average(self, decay: float) -> None:
        """``average <- decay average + (1 - decay) network``, parameter by parameter; buffers are copied."""
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.network.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
            for mine, theirs in zip(self.average.buffers(), self.network.buffers(), strict=True):
                mine.copy_(theirs)

    def save(self, path: Path, recipe: str) -> None:
        """Write everything, exactly; `recipe` is what is trained."""
        metadata = {"format": FORMAT, "recipe": recipe, "step": json.dumps(self.step)}
        write_tensors(path, self._tensors(), metadata)

    def restore(self, path: Path, recipe: str) -> None:
        """Go on from a file; raises `ReadError` for one that is cut short, foreign, or of another training."""
        file = read_tensors(path, "a training checkpoint", WAY_OUT)
        if file.facts.get("format") not in (FORMAT, UNSEALED):
            raise ReadError(f"{path} is not a training checkpoint of this version; remove it, or name another.")
        if file.facts["format"] != UNSEALED:
            require_seal(file, path, WAY_OUT)
        if file.facts["recipe"] != recipe:
            raise ReadError(f"{path} belongs to another training recipe; name another folder.")
        tensors = dict(file.tensors)
        self._load_optimiser(tensors)
        self.network.load_state_dict(_part(tensors, "network."))
        self.average.load_state_dict(_part(tensors, "average."))
        self.step = int(json.loads(file.facts["step"]))

    def _held(self) -> list[tuple[Tensor, dict[Tensor, dict[str, Tensor]]]]:
        """Every trained parameter, and the state of its optimiser."""
        return [
            (parameter, optimiser.state)
            for optimiser in self.optimisers
            for group in optimiser.param_groups
            for parameter in group["params"]
        ]

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for i, (parameter, state) in enumerate(self._held()):
            for name, value in state.get(parameter, {}).items():
                tensors[f"optimiser.{i}.{name}"] = value
        return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}

    def _load_optimiser(self, tensors: dict[str, Tensor]) -> None:
        for i, (parameter, state) in enumerate(self._held()):
            held = _part(tensors, f"optimiser.{i}.")
            if held:
                state[parameter] = {
                    name: value.clone() if name == "step" else torch.empty_like(parameter).copy_(value)
                    for name, value in held.items()
                }


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
