"""Samplers that are wrong on purpose, each in one way, and a sound one."""

from typing import Any

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness, SeededRandomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import misfit


@attrs.frozen
class Walk(Sampler[Tensor]):
    """Sound: re-noise the clean estimate at each level and go down the gradient of the misfit."""

    steps: int = 3
    length: float = 0.02

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        return rng.normal(problem.observation.new_empty(problem.count, *problem.latent_shape))

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, dict[str, Tensor]]:
        level, target = problem.prior.schedule.levels(self.steps)[i : i + 2]
        trace = problem.trace(state, level)
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        clean = prediction.z0 - self.scaled(gradient, residual, state, problem)
        return target.a * clean + target.s * self.noise(state, i, rng), self.info(residual)

    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state

    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return self.length * gradient / misfit(residual).reshape(-1, 1, 1, 1, 1)

    def noise(self, like: Tensor, i: int, rng: Randomness) -> Tensor:
        return rng.normal(like)

    def info(self, residual: Tensor) -> dict[str, Tensor]:
        return {"misfit": misfit(residual)}


@attrs.frozen
class NormOverTheBatch(Walk):
    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return self.length * gradient / residual.norm()


@attrs.frozen
class LeaderOfTheBatch(Walk):
    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return self.length * gradient / misfit(residual)[0]


@attrs.frozen
class GlobalNoise(Walk):
    def noise(self, like: Tensor, i: int, rng: Randomness) -> Tensor:
        return torch.randn_like(like)


@attrs.frozen
class MovesTheGlobalGenerator(Walk):
    def noise(self, like: Tensor, i: int, rng: Randomness) -> Tensor:
        torch.rand(())
        return rng.normal(like)


@attrs.frozen
class IgnoresTheSeed(Walk):
    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        return torch.zeros(problem.count, *problem.latent_shape).to(problem.observation)

    def noise(self, like: Tensor, i: int, rng: Randomness) -> Tensor:
        return SeededRandomness(i, tuple((row, 0) for row in range(like.shape[0]))).normal(like)


@attrs.frozen
class SeedZeroIsNoSeed(Walk):
    def noise(self, like: Tensor, i: int, rng: SeededRandomness) -> Tensor:
        return attrs.evolve(rng, seed=rng.seed or 1).normal(like)

    def init(self, problem: Problem, rng: SeededRandomness) -> Tensor:
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        return attrs.evolve(rng, seed=rng.seed or 1).normal(like)


@attrs.frozen
class SharesNoiseInTheBatch(Walk):
    def noise(self, like: Tensor, i: int, rng: Randomness) -> Tensor:
        return rng.normal(like)[:1].expand_as(like)


@attrs.frozen
class RemembersInItself(Walk):
    """Keeps momentum in the sampler instead of the state."""

    last: dict[str, Tensor] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        previous = self.last.get("gradient", torch.zeros(()))
        if previous.shape != gradient.shape:
            previous = torch.zeros_like(gradient)
        self.last["gradient"] = gradient
        return self.length * (gradient + 0.5 * previous.to(gradient))


@attrs.frozen
class ForgetsOnResume(Walk):
    """Counts the steps of this process instead of looking at `i`; tidies up at the end, so that whole runs agree."""

    done: list[int] = attrs.field(factory=list, init=False, eq=False, repr=False)

    def init(self, problem: Problem, rng: Randomness) -> Tensor:
        self.done.clear()
        return Walk.init(self, problem, rng)

    def step(self, problem: Problem, state: Tensor, i: int, rng: Randomness) -> tuple[Tensor, dict[str, Tensor]]:
        self.done.append(i)
        return Walk.step(self, problem, state, len(self.done) - 1, rng)


@attrs.frozen
class Diverges(Walk):
    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return gradient / (residual * 0).sum()


@attrs.frozen
class RecordsNothing(Walk):
    def info(self, residual: Tensor) -> dict[str, Tensor]:
        return {}


@attrs.frozen
class RecordsOneNumber(Walk):
    def info(self, residual: Tensor) -> dict[str, Tensor]:
        return {"misfit": misfit(residual)[:1]}


@attrs.frozen
class DoublePrecisionOnly(Walk):
    def estimate(self, problem: Problem, state: Tensor) -> Tensor:
        return state.double()


@attrs.frozen
class NeedsMoreThanItSays(Walk):
    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return gradient * problem.linear.norm(problem.space) * self.length


@attrs.frozen
class NeedsGaussianNoiseSecretly(Walk):
    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return gradient * problem.noise_std


@attrs.frozen
class SaysWhatItNeeds(Walk):
    """Sound: what `NeedsMoreThanItSays` should say."""

    @property
    def requires(self) -> frozenset[Requirement]:
        return frozenset({Requirement.LINEAR})

    def scaled(self, gradient: Tensor, residual: Tensor, state: Tensor, problem: Problem) -> Tensor:
        return gradient * problem.linear.norm(problem.space) * self.length


def sound() -> tuple[Sampler[Any], ...]:
    return Walk(), Walk(steps=2, length=0.1), SaysWhatItNeeds()
