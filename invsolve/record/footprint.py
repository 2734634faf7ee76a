"""`require_memory`: a run that cannot fit into memory is refused before any work, with what would fit."""

from typing import Final

import torch

from invsolve.errors import CapabilityError
from invsolve.files.memory import free_memory
from invsolve.problem import Problem
from invsolve.recipe import Recipe
from invsolve.recipe.fields import recipe_fields

IN_FLIGHT: Final = 8
"""Tensors of a latent's size that every trajectory in flight has at some moment: state, estimate and noise, the next
ones, their spectra, which are complex. Measured: 18 to 25 for the exact posterior of `spectral_gaussian`."""
KEPT: Final = 3
"""Videos for each sample at the end: the sample, the one that is joined to the others, the one that is written."""
GIB: Final = 2**30


def least_memory(problem: Problem, samples: int, chunk: int | None, dtype_bytes: int = 4) -> int:
    """The bytes that a run takes at the least, beside the network and the program itself.

    Args:
        problem: what is solved.
        samples: of each observation.
        chunk: how many trajectories are in flight, None for all.
        dtype_bytes: bytes of a number.
    """
    every = problem.count * samples
    flying = every if chunk is None else min(chunk, every)
    video = problem.space.channels * problem.space.frames * problem.space.height * problem.space.width
    latent = 1
    for size in problem.latent_shape:
        latent *= size
    return dtype_bytes * (flying * IN_FLIGHT * latent + every * KEPT * video)


def memory_in_words(recipe: Recipe, problem: Problem) -> str:
    """``", at least 2.3 GiB of memory"``, to be put behind a sentence; empty below 1 GiB."""
    needed = least_memory(problem, recipe.samples, recipe.chunk, 8 if recipe.dtype == "float64" else 4)
    return f", at least {needed / GIB:,.1f} GiB of memory" if needed >= GIB else ""


def free_on(device: torch.device) -> int | None:
    """Bytes that may still be taken on a device; None where nobody says."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    memory = free_memory()
    return None if memory is None else memory.free


def require_memory(recipe: Recipe, problem: Problem, device: torch.device) -> None:
    """Refuse a run that takes more memory than is free.

    Raises:
        CapabilityError: with the settings that fit.
    """
    free = free_on(device)
    size = 8 if recipe.dtype == "float64" else 4
    needed = least_memory(problem, recipe.samples, recipe.chunk, size)
    if free is None or needed <= free:
        return
    space = problem.space
    ways = _ways_out(recipe, problem, free, needed, size)
    raise CapabilityError(
        f"{recipe.samples} sample{'s' * (recipe.samples > 1)} of {space.frames} frame{'s' * (space.frames > 1)} of "
        f"{space.height}x{space.width} take at least {needed / GIB:,.1f} GiB of memory, and {free / GIB:,.1f} GiB are "
        f"free on {device}. What fits: {'; '.join(ways)}."
    )


def _ways_out(recipe: Recipe, problem: Problem, free: int, needed: int, size: int) -> list[str]:
    ways = []
    alone = least_memory(problem, recipe.samples, 1, size)
    if alone <= free:
        ways.append(f"`--set chunk=1` ({alone / GIB:,.1f} GiB: one sample after the other)")
    one = least_memory(problem, 1, 1, size)
    if recipe.samples > 1 and one <= free < alone:
        ways.append(f"`--set samples=1` ({one / GIB:,.1f} GiB)")
    fields = {field.key for field in recipe_fields(type(recipe.input))}
    share = min(1.0, 0.9 * free / needed)
    if "longest_side" in fields:
        side = int(max(problem.space.height, problem.space.width) * share**0.5)
        ways.append(f"a smaller picture (`--set input.longest_side={side}`)")
    if "frames" in fields and problem.space.frames > 1 and int(problem.space.frames * share) > 0:
        ways.append(f"fewer frames (`--set input.frames=0..{int(problem.space.frames * share)}`)")
    return ways or [f"an input of {share:.0%} of its size"]
