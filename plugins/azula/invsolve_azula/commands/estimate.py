"""`estimate`: what a guided step of a recipe takes, counted on tensors without content."""

import time
from pathlib import Path
from typing import Final, final

import attrs
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from invsolve.errors import RecipeError
from invsolve.media import ReadContext
from invsolve.parts import walk
from invsolve.recipe import Recipe, load_one
from invsolve.record.execution import space_of
from invsolve_azula.azula import Azula

SIDE: Final = 1024  # of the matrices whose product tells how fast this machine is
GIB: Final = 2**30


@final
@attrs.frozen
class Estimate:
    """One guided step: a prediction, and the gradient back through it.

    Attributes:
        title: of the network.
        parameters: how many, each of 4 bytes.
        pictures: in flight at a time.
        kept_bytes: kept from the forward to the backward pass, once for each storage.
        operations: floating-point operations of both passes, with what is computed again.
    """

    title: str
    parameters: int
    pictures: int
    kept_bytes: int
    operations: int

    def lines(self, rate: float) -> tuple[str, ...]:
        """For people; `rate` is that of the machine [operations/s]."""
        return (
            f"network: {self.title}, {self.parameters / 1e6:.1f} M parameters, {4 * self.parameters / GIB:.2f} GiB",
            f"kept for the gradient: {self.kept_bytes / GIB:.2f} GiB, pictures at a time: {self.pictures}; beside it "
            "what a block of the network takes while it runs",
            f"a guided step: {self.operations / 1e12:.2f} Tflop, about {self.operations / rate:.1f} s at the "
            f"{rate / 1e9:.0f} Gflop/s of a matrix product here and now",
        )


def estimate(path: Path, overrides: tuple[str, ...]) -> Estimate:
    """Count a step of the recipe's azula prior, of all samples in flight, without reading a parameter.

    Raises:
        RecipeError: for a recipe without one, and what reading the recipe and its input raises.
    """
    recipe = load_one(path, overrides)
    prior = next((part for _, part in walk(recipe.prior) if isinstance(part, Azula)), None)
    if prior is None:
        raise RecipeError(f"{recipe.source}: the prior is {type(recipe.prior).__name__}; this estimates azula alone.")
    pictures = _pictures(recipe)
    family, config = prior.file.family, prior.file.config
    with torch.device("meta"):
        network = family.network(config).requires_grad_(False)
    seen = prior.pictures
    z = torch.empty(pictures, seen.channels, 1, seen.resolution, seen.resolution, device="meta", requires_grad=True)
    level = prior.schedule.levels(2)[1]
    own = {value.untyped_storage()._cdata for value in network.state_dict().values()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage
        return tensor

    with FlopCounterMode(display=False) as counter:
        with saved_tensors_hooks(keep, lambda tensor: tensor):
            clean = family.predict(network, config, z, level, prior.label).z0
            kept_bytes = sum(storage.nbytes() for storage in kept.values())
        torch.autograd.grad(clean, z, torch.empty_like(clean))
        operations: int = counter.get_total_flops()
    parameters = sum(each.numel() for each in network.parameters())
    return Estimate(f"{family.title} of {prior.path}", parameters, pictures, kept_bytes, operations)


def rate_here() -> float:
    """Floating-point operations in a second of matrix products, the best of three."""
    a = torch.ones(SIDE, SIDE)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best


def _pictures(recipe: Recipe) -> int:
    recording = recipe.input.read(ReadContext(recipe.operator, recipe.noise, recipe.seed))
    frames = recipe.prior.latent_shape(space_of(recipe.operator, recording))[1]
    flying = len(recording.video) * recipe.samples
    return frames * (flying if recipe.chunk is None else min(recipe.chunk, flying))
