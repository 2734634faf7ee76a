"""The pilot run that sets how closely a rule follows an observation."""

import math
from typing import Any, Final

import torch

from invsolve.posterior.residual import chi_square
from invsolve.problem import Problem
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler
from invsolve.sampler.walk import last_state
from invsolve_samplers.auto.scaled_noise import scaled

PURPOSE: Final = "calibration"  # keeps the pilot's noise apart from that of every sample
INITIAL: Final = 0  # the step key of the first draw; steps follow
ROUNDS: Final = 6
NEAR: Final = 0.02  # of a chi-square of 1, or half of what the truth's own departs from it, if that is more
WIDEST: Final = 16.0  # the factor stays between this and its inverse


def noise_factor(problem: Problem, sampler: Sampler[Any], samples: int) -> float:
    """The factor of the noise's std, as the rule is told it, at which `samples` have a mean chi-square of 1.

    `problem` has one observation. The same noise in every round makes the chi-square a smooth function of the factor;
    it rises with it, and its logarithm is followed by secants, then inside the bracket. Neither the run's seed nor its
    samples enter: the factor is a property of the problem and the rule.
    """
    best = low = high = None
    guess, near = 0.0, max(NEAR, math.sqrt(0.5 / problem.observation[0].numel()))
    for _ in range(ROUNDS):
        gap = _gap(problem, sampler, samples, math.exp(guess))
        if best is None or abs(gap) < abs(best[1]):
            best = (guess, gap)
        if abs(gap) < near or not math.isfinite(gap):
            break
        if gap > 0:
            high = (guess, gap)
        else:
            low = (guess, gap)
        guess = _next(low, high, guess, gap)
    return 1.0 if best is None or not math.isfinite(best[1]) else math.exp(best[0])


Point = tuple[float, float]  # (logarithm of the factor, logarithm of the chi-square)


def _next(low: Point | None, high: Point | None, guess: float, gap: float) -> float:
    if low is not None and high is not None:
        share = -low[1] / (high[1] - low[1])
        return low[0] + min(max(share, 0.1), 0.9) * (high[0] - low[0])
    edge = math.log(WIDEST)
    return min(max(guess - 0.75 * gap, -edge), edge)  # the chi-square goes about with the square of the factor


def _gap(problem: Problem, sampler: Sampler[Any], samples: int, factor: float) -> float:
    """The logarithm of the mean chi-square, under the noise as it is, of samples that are told another."""
    problem = problem.select([0] * samples)
    told = problem.with_noise(scaled(problem.noise, factor))
    rng = SeededRandomness(0, tuple((0, sample) for sample in range(samples)), PURPOSE)
    z0 = sampler.estimate(told, last_state(sampler, told, rng, INITIAL))
    squares = chi_square(problem.observation, problem.forward(z0), problem.noise)
    return float(torch.log(squares.mean()))
