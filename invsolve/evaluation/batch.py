"""Several clips solved together."""

import time
from collections.abc import Mapping, Sequence
from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve.errors import CapabilityError, RecipeError
from invsolve.evaluation.clips import Clip
from invsolve.evaluation.counted import counted
from invsolve.evaluation.measures import OWN, Array, Measures, measure
from invsolve.metrics import Reconstruction
from invsolve.record.execution import Task
from invsolve.record.reconstructed import reconstruction_of
from invsolve.returned import check_tensor
from invsolve.solving.loop import solve
from invsolve.solving.outcome import Outcome
from invsolve.solving.solution import Solution


@final
@attrs.frozen(eq=False)
class Solved:
    """One clip after solving: its samples, the baselines' videos ``1 c t h w``, and what was measured of all.

    Baselines that do not apply to the problem are left out.
    """

    clip: Clip
    task: Task
    reconstruction: Reconstruction
    baselines: Mapping[str, Tensor]
    measures: Mapping[str, Measures]


def prepared(clip: Clip) -> Task:
    """The clip read and its problem built; raises `RecipeError` for a reader of several clips at once."""
    task = Task.prepare(clip.recipe)
    if task.problem.count != 1:
        raise RecipeError(f"the input of clip {clip.name} holds {task.problem.count} observations, expected one.")
    return task


def solved(clips: Sequence[Clip], tasks: Sequence[Task]) -> tuple[tuple[Solved, ...], str]:
    """Solve `clips` in one batch, and measure each; or none and a message, where the run did not end well.

    Each clip's samples are the same in any batch. The time of a clip is its share of the batch's.
    """
    recipe = clips[0].recipe
    together = attrs.evolve(
        tasks[0].problem,
        observation=torch.cat([task.problem.observation for task in tasks]),
        condition=_conditions(tasks),
    )
    problem, counter = counted(together)
    solution = solve(
        problem,
        recipe.sampler,
        seed=recipe.seed,
        samples=recipe.samples,
        observations=[clip.number for clip in clips],
        throw=False,
        chunk=recipe.chunk,
        time_limit=recipe.time_limit,
    )
    if solution.outcome is not Outcome.DONE:
        return (), solution.message
    calls = counter.evaluations / (recipe.samples * len(clips)) if counter is not None else 0.0
    seconds = solution.seconds / len(clips)
    return tuple(
        _measured(clip, task, solution, row, calls, seconds)
        for row, (clip, task) in enumerate(zip(clips, tasks, strict=True))
    ), ""


def _measured(clip: Clip, task: Task, solution: Solution, row: int, calls: float, seconds: float) -> Solved:
    own = attrs.evolve(
        solution,
        video=solution.video[:, row : row + 1],
        latent=solution.latent[:, row : row + 1],
        verdict=solution.verdict.of_observation(row),
    )
    reconstruction = reconstruction_of(own, task.problem, task.recording)
    measures: dict[str, Measures] = {OWN: measure(clip.recipe.metrics, reconstruction) | _cost(calls, seconds)}
    videos: dict[str, Tensor] = {}
    for name, baseline in clip.recipe.baselines.items():
        began = time.monotonic()
        try:
            estimate = baseline.estimate(task.problem, task.recording)
        except CapabilityError:
            continue
        check_tensor(baseline, "estimate", estimate, own.video.shape[1:], own.video.dtype)
        took = time.monotonic() - began
        videos[name] = estimate
        judged = attrs.evolve(reconstruction, video=estimate[None], verdict=None)
        measures[name] = measure(clip.recipe.metrics, judged) | _cost(0.0, took)
    return Solved(clip, task, reconstruction, videos, measures)


def _cost(calls: float, seconds: float) -> dict[str, Array]:
    return {"network_evaluations": np.asarray(calls), "seconds": np.asarray(seconds)}


def _conditions(tasks: Sequence[Task]) -> Tensor | None:
    given = [task.problem.condition for task in tasks]
    return None if any(each is None for each in given) else torch.cat([each for each in given if each is not None])
