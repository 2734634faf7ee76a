"""`TwistedSMC`: populations of guided particles, weighted and resampled: exact in the limit."""

from collections.abc import Callable
from functools import cached_property
from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, misfit
from invsolve.schedule import NoiseLevel, Spacing
from invsolve.validators import literal, number, optional, whole
from invsolve_samplers.diffusion import levels
from invsolve_samplers.moves.transition import Bridge
from invsolve_samplers.smc.resampling import draw, effective_size, log_mean, normalised, pick, systematic
from invsolve_samplers.smc.twist import Twist, log_likelihood


@final
@attrs.frozen(eq=False)
class Population:
    """``k`` particles for each trajectory.

    Attributes:
        z: noisy latents ``b k c t h w``.
        log_weights: ``b k``, since the last resampling.
        log_twist: ``b k``, the twist that the weights hold already.
        log_evidence: (b,), of all resamplings so far.
        chosen: (b,), the particle that stands for the population; in the end one drawn by its weight.
        step: how many steps were taken.
    """

    z: Tensor
    log_weights: Tensor
    log_twist: Tensor
    log_evidence: Tensor
    chosen: Tensor
    step: int = 0


@final
@attrs.frozen
class TwistedSMC(Sampler[Population]):
    """The twisted diffusion sampler: guided particles, weighted by what guidance got wrong, and resampled.

    With the twist ``p~(y | z) = N(y; A(D(z0(z))), r2 A A^T + std^2 I)`` and its gradient ``g`` (that of `pigdm`, which
    does not overshoot), each particle steps by ``q = N(m', btilde I)``, ancestral with the guided ``z0 + (s^2 / a) g``,
    in place of the prior's ``p = N(m, btilde I)``, and its weight gains ``p(z') p~(y | z') / (q(z') p~(y | z))``. Where
    the effective size of a population, ``1 / sum w^2``, falls below ``threshold`` of it, ``k`` offspring are drawn by
    weight and the weights are equal again. The last step is the prior's own, and its twist the likelihood.

    Each sample that is returned is drawn by weight from a population of its own: samples are independent, and the same
    alone and in any batch. The trace holds the effective size and the log evidence ``log p(y)``, up to the noise's
    constant, as estimated so far.

    Cost of a step: for each particle one network call and one vector-Jacobian product. Needs a linear operator and
    Gaussian noise, unless ``prior_variance`` is null.

    Known bias: O(1 / particles), and that of ancestral sampling, O(1 / steps) of the prior's covariance: with many of
    both the posterior is exact. How many it takes grows with the size of what the twist gets wrong; for videos of some
    size one particle soon has all the weight, as the effective size shows.

    Attributes:
        particles: ``k``, in each population, at least 1: then it is ancestral `pigdm`, but for the last step.
        steps: how many, at least 1.
        threshold: in [0, 1]: 0 never resamples, 1 does wherever the weights differ.
        prior_variance: ``v`` of one latent element, as in `pigdm`; null takes the likelihood of the clean estimate, for
            any noise and operator. The limit does not depend on it, how many particles one needs does.
        spacing: which of the schedule's levels.
        particles_at_once: so many are predicted at a time; null is all of them. Less memory, the same result.

    References:
        Wu, Trippe, Naesseth, Blei and Cunningham 2023, algorithm 1; the twist's variance as in `pigdm`.

    Examples:
        ```python
        TwistedSMC(particles=16, steps=100, threshold=0.5)
        ```

        ```yaml
        sampler: {use: twisted_smc, particles: 16, steps: 100, threshold: 0.5}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{wu2023practical,\n"
        "  title = {Practical and Asymptotically Exact Conditional Sampling in Diffusion Models},\n"
        "  author = {Wu, Luhuan and Trippe, Brian L. and Naesseth, Christian A. and Blei, David M. and Cunningham, "
        "John P.},\n"
        "  booktitle = {Advances in Neural Information Processing Systems},\n  year = {2023}\n}",
    )

    particles: int = attrs.field(default=16, validator=whole(least=1))
    steps: int = attrs.field(default=100, validator=whole(least=1))
    threshold: float = attrs.field(default=0.5, validator=[number(least=0.0), number(most=1.0)])
    prior_variance: float | None = attrs.field(default=1.0, validator=optional(number(above=0.0)))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))
    particles_at_once: int | None = attrs.field(default=None, validator=optional(whole(least=1)))

    @property
    def requires(self) -> frozenset[Requirement]:
        """A linear operator and Gaussian noise, where the twist has a variance of its own."""
        if self.prior_variance is None:
            return frozenset()
        return frozenset({Requirement.LINEAR, Requirement.GAUSSIAN_NOISE})

    @cached_property
    def twist(self) -> Twist:
        """The twist of this sampler."""
        return Twist(self.prior_variance)

    def init(self, problem: Problem, rng: Randomness) -> Population:
        """``sqrt(a^2 + s^2) n`` for every particle."""
        like = problem.observation.new_empty(problem.count, self.particles, *problem.latent_shape)
        weights = torch.zeros(like.shape[:2], dtype=torch.float64, device=like.device)
        chosen = torch.zeros(problem.count, dtype=torch.int64, device=like.device)
        z = self._path(problem)[0].start_std * rng.normal(like)
        return Population(z, weights, torch.zeros_like(weights), weights[:, 0].clone(), chosen)

    def step(self, problem: Problem, state: Population, i: int, rng: Randomness) -> tuple[Population, Info]:
        """Weigh where the particles are, resample, and go from level ``i`` to level ``i + 1``."""
        level, target = self._path(problem)[i : i + 2]
        noise = rng.normal(state.z)
        plain, guided, log_twist, misfits = self._look(problem, state.z, level, target)
        log_weights = state.log_weights + log_twist - state.log_twist
        weights = normalised(log_weights)
        size = effective_size(weights)
        chances = rng.uniform(weights.new_empty(len(weights), 2))
        renewed = (size < self.threshold * self.particles)[:, None]
        same = torch.arange(self.particles, device=weights.device).expand_as(weights)
        ancestors = torch.where(renewed, systematic(weights, chances[:, :1]), same)
        evidence = state.log_evidence + torch.where(renewed[:, 0], log_mean(log_weights), 0.0)
        log_weights, log_twist = torch.where(renewed, 0.0, log_weights), pick(log_twist, ancestors)

        std = Bridge.between(level, target).std
        z, log_ratio = propose(pick(plain, ancestors), pick(guided, ancestors), std, noise)
        log_weights = log_weights + log_ratio
        if target.s > 0:
            chosen = log_weights.argmax(1)
        else:
            (likelihood,) = self._each(problem, z, lambda some, z: (log_likelihood(some, z),))
            log_weights = log_weights + likelihood - log_twist
            chosen = draw(normalised(log_weights), chances[:, 1:])
        info = {
            "misfit": (weights * misfits).sum(1).to(z),
            "effective_size": size.to(z),
            "log_evidence": (evidence + log_mean(log_weights)).to(z),
        }
        return Population(z, log_weights, log_twist, evidence, chosen, i + 1), info

    def estimate(self, problem: Problem, state: Population) -> Tensor:
        """The clean estimate of the particle that stands for its population; after the last step, the sample."""
        z = pick(state.z, state.chosen[:, None])[:, 0]
        return z if state.step == self.steps else problem.predict(z, self._path(problem)[state.step]).z0

    def _path(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels(problem.prior.schedule, self.steps, self.spacing)

    def _look(self, problem: Problem, z: Tensor, level: NoiseLevel, target: NoiseLevel) -> tuple[Tensor, ...]:
        """Of each particle: the mean of the prior's step, that of the guided one, the log twist, and the misfit."""
        bridge, variance = Bridge.between(level, target), self.twist.variance(problem, level)

        def look(some: Problem, z: Tensor) -> tuple[Tensor, ...]:
            trace = some.trace(z, level)
            log_twist, score = self.twist.value_and_score(some, trace, level, variance)
            prediction, start = trace.prediction, trace.prediction.start(z)
            guided = prediction.with_score(score, level)
            return bridge.mean(prediction.z0, start), bridge.mean(guided.z0, start), log_twist, misfit(trace.residual)

        return self._each(problem, z, look)

    def _each(
        self, problem: Problem, z: Tensor, look: Callable[[Problem, Tensor], tuple[Tensor, ...]]
    ) -> tuple[Tensor, ...]:
        """The result of `look` on particles ``b k``, as many at a time as allowed."""
        flat = z.flatten(0, 1)
        owners = [row for row in range(len(z)) for _ in range(self.particles)]
        size = self.particles_at_once or len(owners)
        starts = range(0, len(owners), size)
        looks = [look(problem.select(owners[i : i + size]), flat[i : i + size]) for i in starts]
        whole = (torch.cat(parts) for parts in zip(*looks, strict=True))
        return tuple(values.reshape(*z.shape[:2], *values.shape[1:]) for values in whole)


def propose(plain: Tensor, guided: Tensor, std: float, noise: Tensor) -> tuple[Tensor, Tensor]:
    """``z' = guided + std noise`` of each particle ``b k``, and ``log N(z'; plain, std^2) - log N(z'; guided, std^2)``.

    Without noise there is nothing to weigh: it is `plain`, the prior's own step.
    """
    if std == 0:
        return plain, torch.zeros(plain.shape[:2], dtype=torch.float64, device=plain.device)
    shift = (guided - plain) / std
    return guided + std * noise, -(shift * (shift / 2 + noise)).flatten(2).double().sum(2)
