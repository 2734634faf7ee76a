"""From a training recipe to its task."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import torch

from invsolve.errors import ReadError
from invsolve.files.atomic import make_folder, write_text
from invsolve.files.tensor_file import read_tensors, write_tensors
from invsolve.media import ReadContext, Recording
from invsolve.media.reader import read_from
from invsolve.recipe.serialise import sorted_data, to_data
from invsolve.training import Task
from invsolve_priors.learned.autoencoder.network import Autoencoder
from invsolve_priors.learned.model_card import ModelCard
from invsolve_priors.learned.model_file import load_parameters, read_model
from invsolve_priors.learned.stdit.gaussian_estimate import GaussianConfiguration, GaussianEstimate
from invsolve_priors.training.autoencoder.settings import AutoencoderSettings
from invsolve_priors.training.autoencoder.task import AutoencoderTask
from invsolve_priors.training.diffusion.latents import LatentPool
from invsolve_priors.training.diffusion.settings import DiffusionSettings
from invsolve_priors.training.diffusion.task import DiffusionTask
from invsolve_priors.training.loop import Course
from invsolve_priors.training.pool import ClipPool
from invsolve_priors.training.recipe import Data, TrainingRecipe

WAY_OUT: Final = "Remove it; it is then fitted again."


def task_of(recipe: TrainingRecipe, out: Path, folder: Path, facts: Mapping[str, object], device: str = "cpu") -> Task:
    """The task of a recipe; clips are kept in `out`, for all recipes that read the same, latents in `folder`."""
    if recipe.task is not None:
        return recipe.task
    assert recipe.data is not None
    recording = read_from(recipe.data.validation, ReadContext())
    space = recording.truth_space or recording.space
    card = ModelCard(space=space, facts={"data": repr(recipe.data.reader), **facts})
    pool = _pool(recipe.data, out)
    if recipe.diffusion is not None:
        return _diffusion(recipe.diffusion, card, recording, pool, folder, device)
    assert recipe.autoencoder is not None
    chosen = recipe.autoencoder
    return AutoencoderTask(
        settings=chosen,
        card=attrs.evolve(card, autoencoder=chosen.sizes),
        data=pool,
        validation=recording.video if recording.truth is None else recording.truth,
        start=_start(chosen),
    )


def _start(chosen: AutoencoderSettings) -> Autoencoder | None:
    if chosen.start is None:
        return None
    model = read_model(chosen.start)
    if model.autoencoder is None or model.card.autoencoder != chosen.sizes:
        raise ReadError(f"{chosen.start} holds {model.card.autoencoder}, not {chosen.sizes}.")
    return model.autoencoder


def _diffusion(
    chosen: DiffusionSettings, card: ModelCard, recording: Recording, pool: ClipPool, folder: Path, device: str
) -> DiffusionTask:
    if not chosen.autoencoder.is_file():
        raise ReadError(
            f"there is no autoencoder {chosen.autoencoder}; train one, and name the model.safetensors it leaves:"
            " --set diffusion.autoencoder=PATH."
        )
    if chosen.condition is not None:
        chosen.condition.check_space(card.space, None if recording.truth is None else recording.space)
    first_stage = read_model(chosen.autoencoder)
    if first_stage.autoencoder is None:
        raise ReadError(f"{chosen.autoencoder} holds no autoencoder; train one first.")
    autoencoder = first_stage.autoencoder.to(device)
    latents = LatentPool(pool, autoencoder, folder / f"latents_{first_stage.sha256[:8]}")
    start = None if chosen.start is None else read_model(chosen.start)
    if start is not None and start.denoiser is None:
        raise ReadError(f"{chosen.start} holds no transformer to continue from.")
    if (
        start is not None
        and chosen.start_matching == "all"
        and (start.card.denoiser, start.card.output) != (chosen.sizes, chosen.output)
    ):
        raise ReadError(
            f"{chosen.start} holds {start.card.denoiser} with output {start.card.output}, not {chosen.sizes} with"
            f" {chosen.output}; `start_matching: shared` takes what fits."
        )
    gaussian = None if start is None or chosen.output != "residual" else start.gaussian
    if chosen.output == "residual" and gaussian is None:
        gaussian = _gaussian(latents, chosen, folder)
    return DiffusionTask(
        settings=chosen,
        card=attrs.evolve(
            card,
            autoencoder=first_stage.card.autoencoder,
            denoiser=chosen.sizes,
            output=chosen.output,
            gaussian=None if gaussian is None else gaussian.configuration,
            schedule=chosen.schedule,
            condition=None if chosen.condition is None else chosen.condition.enters,
            facts={**card.facts, "autoencoder": dict(first_stage.card.facts)},
        ),
        autoencoder=autoencoder,
        data=latents,
        validation=recording.video if recording.truth is None else recording.truth,
        recorded=None if recording.truth is None else recording.video,
        gaussian=None if gaussian is None else gaussian.to(device),
        start=None if start is None else start.denoiser,
    )


def _gaussian(latents: LatentPool, chosen: DiffusionSettings, folder: Path) -> GaussianEstimate:
    """The linear estimate of the first clips, fitted once for a run's folder."""
    kept = folder / f"gaussian_{chosen.rank}_{chosen.fitted}_{latents.folder.name}.safetensors"
    first = min(chosen.fitted, latents.clips.clips)
    shape: Any = tuple(latents[np.arange(1)].shape[1:])
    gaussian = GaussianEstimate(GaussianConfiguration(shape, min(chosen.rank, torch.Size(shape).numel() - 1)))
    if kept.is_file():
        load_parameters(gaussian, read_tensors(kept, "a linear estimate", WAY_OUT).tensors, str(kept))
        return gaussian
    gaussian.fit(latents[np.arange(first)])
    write_tensors(kept, gaussian.state_dict(), {})
    return gaussian


def identity(recipe: TrainingRecipe) -> str:
    """Text that is the same for recipes that train the same: hashes for paths, no defaults, not how often to look.

    Where the rate does not depend on the number of steps, a finished training may be continued.
    """
    open_ended = recipe.optimisation.decay == "constant"
    course = Course(steps=1 if open_ended else recipe.course.steps, precision=recipe.course.precision)
    diffusion = recipe.diffusion
    if diffusion is not None:
        start = None if diffusion.start is None else Path(read_model(diffusion.start).sha256)
        diffusion = attrs.evolve(diffusion, autoencoder=Path(read_model(diffusion.autoencoder).sha256), start=start)
    autoencoder = recipe.autoencoder
    if autoencoder is not None and autoencoder.start is not None:
        autoencoder = attrs.evolve(autoencoder, start=Path(read_model(autoencoder.start).sha256))
    trained = attrs.evolve(recipe, course=course, diffusion=diffusion, autoencoder=autoencoder)
    return json.dumps(sorted_data(to_data(trained, defaults=False)))


def facts_of(path: Path) -> dict[str, object]:
    """The circumstances of the training, for the card."""
    versions = {name: version(name) for name in ("invsolve", "torch", "numpy")}
    return {"recipe_file": path.name, "versions": versions, "python": platform.python_version()}


def write_record(folder: Path, path: Path, resolved: str, facts: Mapping[str, object]) -> None:
    """Put the recipe and record.jsonl (when, where, with what) into the run's folder; every start adds a line."""
    make_folder(folder)
    write_text(folder / "recipe.yaml", path.read_text(encoding="utf-8"), replace=True)
    started = {"started": datetime.now(UTC).isoformat(timespec="seconds"), "command": sys.argv, **facts}
    record = folder / "record.jsonl"
    with record.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({**started, "host": platform.platform(), "resolved": resolved}) + "\n")


def _pool(data: Data, out: Path) -> ClipPool:
    name = hashlib.sha256(f"{data.reader!r} {data.clips}".encode()).hexdigest()[:8]
    return ClipPool(data.reader, data.clips, data.first, data.growth, out / f"clips_{name}")
