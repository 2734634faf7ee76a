"""`reconstruction_of`: a solution as its metrics and pictures want it; `try_metrics`, before there is one."""

from pathlib import Path

import torch

from invsolve.blame import owner_of
from invsolve.media.recording import Recording
from invsolve.metrics.measured import measured
from invsolve.metrics.metric import Metric
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.parts import classes_of, walk
from invsolve.problem import Problem
from invsolve.solving.solution import Solution


def reconstruction_of(solution: Solution, problem: Problem, recording: Recording) -> Reconstruction:
    """The input of metrics and pictures."""
    truth = recording.truth
    return Reconstruction(
        video=solution.video.detach(),
        space=solution.space,
        observation=problem.observation,
        observation_space=recording.space,
        operator=problem.operator,
        noise=problem.noise,
        truth=None if truth is None else truth.to(solution.video),
        truth_space=recording.truth_space,
        verdict=solution.verdict,
    )


def try_metrics(metrics: tuple[Metric, ...], problem: Problem, recording: Recording) -> None:
    """Measure grey videos with each metric that may fail: better now than after a long run.

    These are the metrics that another distribution has a part in, and those that read a file.

    Raises:
        BrokenPlugin: for values that are none, and what the metric raises.
    """
    tried = tuple(metric for metric in metrics if _may_fail(metric))
    if not tried:
        return
    shape = (2, problem.count, *problem.space.shape)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(problem.observation)
    truth = recording.truth
    measured(
        tried,
        Reconstruction(
            video=0.5 + 0.1 * noise,
            space=problem.space,
            observation=problem.observation,
            observation_space=recording.space,
            operator=problem.operator,
            noise=problem.noise,
            truth=None if truth is None else truth.to(problem.observation),
            truth_space=recording.truth_space,
        ),
    )


def _may_fail(metric: Metric) -> bool:
    if {owner_of(kind) for kind in classes_of(metric)} != {"invsolve"}:
        return True
    return any(isinstance(inner, Path) for _, inner in walk(metric))
