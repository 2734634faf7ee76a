"""From latents to a `Solution`: decoded, judged, and raised as an error where the run did not end well."""

import time
from typing import Any

import torch

from invsolve.errors import RunFailed
from invsolve.parts import references_of
from invsolve.posterior.verdict import Verdict
from invsolve.problem import Problem
from invsolve.sampler import Sampler
from invsolve.solving.outcome import Outcome, ending
from invsolve.solving.sampled import Sampled
from invsolve.solving.solution import Solution
from invsolve.validators import check_type


def concluded(problem: Problem, sampler: Sampler[Any], sampled: Sampled, throw: bool) -> Solution:
    """Decode what was sampled, ask the operator what it is worth, and put it together.

    Raises:
        RunFailed: which holds the solution, for a run that did not end well, if `throw`.
    """
    solution = _solution(problem, sampler, sampled)
    if throw and solution.outcome is not Outcome.DONE:
        raise RunFailed(solution.message, solution)
    return solution


def _solution(problem: Problem, sampler: Sampler[Any], sampled: Sampled) -> Solution:
    samples, count = len(sampled.samples), problem.count
    rows = torch.split(torch.arange(count).repeat(samples), sampled.chunk)
    parts = zip(torch.split(sampled.latent, sampled.chunk), rows, strict=True)
    flat = torch.cat([problem.select(some.tolist()).decode(latent) for latent, some in parts])
    video = flat.reshape(samples, count, *flat.shape[1:])
    verdict = Verdict.of(video, problem.observation, problem.operator, problem.noise, chunk=sampled.chunk)
    outcome, text = sampled.outcome, sampled.ending
    if outcome is Outcome.DONE and bool(verdict.diverged.any()):
        outcome = Outcome.DIVERGED
        text = ending(outcome, steps=sampler.steps, chi_square=float(verdict.chi_square.max()))
    elif outcome is Outcome.DONE and bool(verdict.chi_square.isnan().any()):
        outcome = Outcome.UNJUDGED
        text = ending(outcome, steps=sampler.steps, noise=type(problem.noise).__name__)
    elif outcome is Outcome.DONE:
        remarks = sampler.remark(problem, flat)
        check_type(f"what {type(sampler).__name__}.remark returns", remarks, tuple)
        verdict = verdict.with_remarks(remarks)
    return Solution(
        video=video,
        latent=sampled.latent.reshape(video.shape[:2] + sampled.latent.shape[1:]),
        outcome=outcome,
        ending=text,
        verdict=verdict,
        trace={name: values.reshape(-1, samples, count) for name, values in sampled.trace.items()},
        space=problem.space,
        samples=sampled.samples,
        seed=sampled.seed,
        seconds=time.monotonic() - sampled.started,
        references=references_of(problem, sampler),
    )
