"""`invsolve estimate`: the memory and time of a recipe's step, before anything is downloaded or run."""

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import torch
from cyclopts import Parameter

from invsolve.cli.recipe import Overrides
from invsolve.errors import RecipeError
from invsolve.prior import Prior

if TYPE_CHECKING:
    from invsolve.recipe import Recipe
    from invsolve_diffusers.memory.estimate import Estimator
    from invsolve_diffusers.priors.cogvideox import CogVideoX
    from invsolve_diffusers.priors.diffusers import Diffusers
    from invsolve_diffusers.priors.unet3d import UNet3D

    ModelPrior = CogVideoX | UNet3D | Diffusers

Flag = Annotated[bool, Parameter(negative="")]


def estimate(recipe: Path, *, overrides: Overrides = (), card: str | None = None, json: Flag = False) -> None:
    """Estimate what one guided step of a recipe takes, part by part, from the model's architecture alone.

    Args:
        recipe: A recipe with one of the priors cogvideox, unet3d and diffusers.
        overrides: PATH=VALUE, as often as needed: prior.placement.decoder_device=cuda:1, chunk=1.
        card: rtx-3090, rtx-4090, l40, a100, h100 or h200; by default the GPU that is there, or an a100 with 80 GB.
        json: Everything, for programs.
    """
    from invsolve.recipe import load_one
    from invsolve_diffusers.commands.cards import card_of
    from invsolve_diffusers.commands.estimate_report import report, table
    from invsolve_diffusers.memory.policy import Choice, advice, fits, pick, with_precisions

    read = load_one(recipe, overrides)
    on = card_of(card)
    prior = _prior_of(read)
    estimator = _estimator(read, prior)
    placement = prior.placement
    if prior.memory == "auto":
        placement = with_precisions(placement, estimator.device, estimator.dtype)
        choice = pick(estimator, placement, on.available)
    else:
        placement = placement.filled(False, "chunk")
        found = estimator.estimate(placement)
        choice = Choice(placement, found, fits(found, on.available))
    facts = report(read.name, estimator, choice, on)
    facts["advice"] = None if choice.fits else advice(estimator, choice, on.available)
    if json:
        sys.stdout.write(json_module.dumps(facts, indent=2) + "\n")
        return
    table(facts)
    if not choice.fits:
        sys.stdout.write(f"{facts['advice']}\n")


def _prior_of(recipe: "Recipe") -> "ModelPrior":
    from invsolve.parts import walk
    from invsolve_diffusers.priors.cogvideox import CogVideoX
    from invsolve_diffusers.priors.diffusers import Diffusers
    from invsolve_diffusers.priors.unet3d import UNet3D

    for _, part in walk(recipe.prior):
        if isinstance(part, CogVideoX | UNet3D | Diffusers):
            return part
    raise RecipeError(
        f"{recipe.source}: the prior is {type(recipe.prior).__name__}; `invsolve estimate` knows cogvideox, unet3d and "
        "diffusers."
    )


def _is_guided(outer: object, prior: "ModelPrior") -> bool:
    """Whether a prior around the model calls it twice, as classifier-free guidance does; a few only pass it on."""
    from invsolve.parts import walk

    around = {type(part).__name__ for _, part in walk(outer) if isinstance(part, Prior) and part is not prior}
    return bool(around - {"FrameWise", "ExposureConditioned"})


def _estimator(recipe: "Recipe", prior: "ModelPrior") -> "Estimator":
    """With the latent's shape, of all samples in flight, on the recipe's device, or a GPU where it says auto."""
    from invsolve.media import ReadContext
    from invsolve.media.reader import read_from
    from invsolve.record.execution import space_of
    from invsolve_diffusers.memory.estimate import Estimator

    recording = read_from(recipe.input, ReadContext(recipe.operator, recipe.noise, recipe.seed))
    c, t, h, w = recipe.prior.latent_shape(space_of(recipe.operator, recording))
    flying = len(recording.video) * recipe.samples
    count = flying if recipe.chunk is None else min(recipe.chunk, flying)
    model = prior.model
    if model.family.frames(model.configs).most == 1:
        count, t = count * t, 1  # a model of pictures sees each frame as an item of its own
    elif model.exposure is not None:
        t += 1  # the blurred picture's; counted for the decoder too, which does not see it
    return Estimator(
        checkpoint=model.checkpoint,
        latent=(count, c, t, h, w),
        device=torch.device("cuda" if recipe.device == "auto" else recipe.device),
        dtype=torch.float64 if recipe.dtype == "float64" else torch.float32,
        calls=2 if _is_guided(recipe.prior, prior) else 1,
        shift=model.shift,
    )
