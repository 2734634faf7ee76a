"""One call of a guidance rule on an oracle, with a kernel that stands still and keeps the prediction."""

from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve import Guidance, Kernel, NoiseLevel, Prediction, Problem, Randomness, SeededRandomness
from tests.samplers.analytic import AnalyticPrior, average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, Array, Oracle

HALF = NoiseLevel(a=0.5**0.5, s=0.5**0.5, time=0.0)
NEXT = NoiseLevel(a=0.6**0.5, s=0.4**0.5, time=1.0)
POINT = np.array([1.0, 0.0, -1.0, 0.5])


@final
class Seen(Kernel):
    """A kernel that stands still and keeps the prediction."""

    prediction: Prediction

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        self.prediction = prediction
        return torch.zeros_like(z)


@attrs.frozen(eq=False)
class OneStep:
    z0: Array
    eps: Array
    moved: Array
    info: dict[str, float]


def one_step(
    rule: Guidance,
    oracle: Oracle,
    z: Array,
    level: NoiseLevel = HALF,
    prior: AnalyticPrior | None = None,
    target: NoiseLevel = NEXT,
) -> OneStep:
    return step_on(rule, average_problem(prior or pixel_prior(oracle), oracle), z, level, target)


def step_on(rule: Guidance, problem: Problem, z: Array, level: NoiseLevel = HALF, target: NoiseLevel = NEXT) -> OneStep:
    kernel = Seen()
    guided = rule.step(problem, kernel, column(z), level, target, SeededRandomness(0))
    assert guided.prediction is kernel.prediction
    flat = [x.flatten().numpy() for x in (kernel.prediction.z0, kernel.prediction.eps, guided.z)]
    return OneStep(*flat, {name: float(value) for name, value in guided.info.items()})


def latent() -> tuple[AnalyticPrior, Oracle]:
    """Three latent elements behind an affine decoder to four frames; the oracle sees A B and y - A c."""
    numbers = np.random.default_rng(1)
    root = numbers.standard_normal((3, 3))
    prior = AnalyticPrior(
        mu=numbers.standard_normal(3),
        C=root @ root.T + 0.1 * np.eye(3),
        B=numbers.standard_normal((4, 3)),
        c=numbers.standard_normal(4),
    )
    return prior, Oracle(prior.mu, prior.C, G1.A @ prior.B, G1.sigma, G1.y - G1.A @ prior.c)


def latent_problem(prior: AnalyticPrior) -> Problem:
    return attrs.evolve(average_problem(pixel_prior(G1), G1), prior=prior)
