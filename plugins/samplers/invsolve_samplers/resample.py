"""`ReSample`: DDIM with hard data consistency every few steps."""

from typing import ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info, lengths, misfit
from invsolve.schedule import NoiseLevel, Spacing
from invsolve.validators import literal, number, whole
from invsolve_samplers.diffusion import levels
from invsolve_samplers.moves.hard_consistency import consistent_latent, consistent_video
from invsolve_samplers.moves.probability_flow import probability_flow
from invsolve_samplers.moves.transition import Bridge


@final
@attrs.frozen(eq=False)
class ReSampleState:
    """The noisy latent ``z`` at level ``step``; after the last step, the sample."""

    z: Tensor
    step: int = 0


@final
@attrs.frozen
class ReSample(Sampler[ReSampleState]):
    """DDIM steps with weak guidance; every few of them the clean estimate is made to explain the observation.

    Each step: DDIM (eta 0), then ``z' - scale a^2 grad_z ||y - A(D(z0(z)))||``. From the second third of the run on,
    every ``every`` steps: follow the probability flow from ``z'`` to its clean end, make that consistent with the
    observation, ``z0*``, and draw ``z'`` anew from the product of ``N(a' z0*, s'^2)`` and ``N(z', g2)``,
    ``g2 = gamma btilde`` with the variance ``btilde`` of the DDPM step:

        z' <- (g2 a' z0* + s'^2 z') / (g2 + s'^2) + sqrt(g2 s'^2 / (g2 + s'^2)) n

    The second third optimises the decoded video and encodes it again, which is fast and rough, the last third the
    latent itself, through the decoder; so does one more optimisation at the end.

    Cost of a step: one network call and one vector-Jacobian product through network and decoder; each consistency adds
    ``lookahead`` network calls and one encoding, or up to ``latent_iterations`` passes through the decoder and back.
    Needs only that the operator is differentiable.

    Known bias: it seeks modes. Hard consistency has no share of the prior in it, the spread of samples is that of the
    resampling, and no posterior is sampled.

    Attributes:
        steps: at least 1.
        scale: of the gradient in each step, at least 0.
        every: steps from one consistency to the next, at least 1.
        lookahead: DDIM steps of the probability flow, at least 1.
        gamma: positive; larger trusts ``z0*`` more against ``z'``.
        left: the misfit at which optimisation stops, in units of the noise std, at least 0; 0 fits noise too.
        video_iterations: Adam's in video space, for operators that are not linear; a linear operator takes one step by
            its pseudo-inverse, in both spaces where the decoder only scales and shifts.
        video_rate: Adam's in video space, for operators that are not linear; a linear operator takes one step by its
            pseudo-inverse, in both spaces where the decoder only scales and shifts.
        latent_iterations: Adam's in latent space; the iterations are at most as many.
        latent_rate: Adam's in latent space; the iterations are at most as many.
        spacing: which of the schedule's levels.

    References:
        Song, Kwon, Zhang, Hu, Qu and Shen 2024, algorithm 1 and the published code, with these differences: the
        optimisers stop at the noise, for each trajectory on its own, in place of a fixed mean square error; a linear
        operator is solved in closed form; Adam has no weight decay.

    Examples:
        ```python
        ReSample(steps=500, every=10, gamma=40.0)
        ```

        ```yaml
        sampler: {use: re_sample, steps: 500, every: 10, gamma: 40.0}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{song2024solving,\n"
        "  title = {Solving Inverse Problems with Latent Diffusion Models via Hard Data Consistency},\n"
        "  author = {Song, Bowen and Kwon, Soo Min and Zhang, Zecheng and Hu, Xinyu and Qu, Qing and Shen, Liyue},\n"
        "  booktitle = {International Conference on Learning Representations},\n  year = {2024}\n}",
    )

    steps: int = attrs.field(default=500, validator=whole(least=1))
    scale: float = attrs.field(default=0.5, validator=number(least=0.0))
    every: int = attrs.field(default=10, validator=whole(least=1))
    lookahead: int = attrs.field(default=5, validator=whole(least=1))
    gamma: float = attrs.field(default=40.0, validator=number(above=0.0))
    left: float = attrs.field(default=1.0, validator=number(least=0.0))
    video_iterations: int = attrs.field(default=2000, validator=whole(least=1))
    video_rate: float = attrs.field(default=1e-2, validator=number(above=0.0))
    latent_iterations: int = attrs.field(default=500, validator=whole(least=1))
    latent_rate: float = attrs.field(default=5e-3, validator=number(above=0.0))
    spacing: Spacing = attrs.field(default="trailing", validator=literal(Spacing))

    def init(self, problem: Problem, rng: Randomness) -> ReSampleState:
        """``sqrt(a^2 + s^2) n``."""
        like = problem.observation.new_empty(problem.count, *problem.latent_shape)
        return ReSampleState(self._levels(problem)[0].start_std * rng.normal(like))

    def step(self, problem: Problem, state: ReSampleState, i: int, rng: Randomness) -> tuple[ReSampleState, Info]:
        """A guided DDIM step; in its turn hard consistency, and always at the end."""
        path = self._levels(problem)
        level, target = path[i : i + 2]
        trace = problem.trace(state.z, level)
        prediction, residual = trace.prediction, trace.residual
        gradient = trace.pull(problem.squared_residual_gradient(trace.video, residual))
        z = target.a * prediction.z0 + target.s * prediction.eps
        z = z - self.scale * level.a**2 / (2 * lengths(residual)) * gradient
        info = {"misfit": misfit(residual)}
        if target.s == 0:
            return ReSampleState(self._consistent(problem, z, in_latent=True), i + 1), info
        phase = 3 * i // self.steps
        if phase > 0 and (i + 1) % self.every == 0:
            ahead = probability_flow(problem, z, path[i + 1 :], self.lookahead)
            clean = self._consistent(problem, ahead, in_latent=phase == 2)
            z = resampled(clean, z, level, target, self.gamma, rng)
        return ReSampleState(z, i + 1), info

    def estimate(self, problem: Problem, state: ReSampleState) -> Tensor:
        """The prior's clean estimate; after the last step, the sample."""
        level = self._levels(problem)[state.step]
        return problem.predict(state.z, level).z0 if level.s > 0 else state.z

    def _consistent(self, problem: Problem, z0: Tensor, *, in_latent: bool) -> Tensor:
        if in_latent:
            return consistent_latent(
                problem, z0, left=self.left, iterations=self.latent_iterations, rate=self.latent_rate
            )
        video = consistent_video(
            problem, problem.decode(z0), left=self.left, iterations=self.video_iterations, rate=self.video_rate
        )
        return problem.encode(video)

    def _levels(self, problem: Problem) -> tuple[NoiseLevel, ...]:
        return levels(problem.prior.schedule, self.steps, self.spacing)


def resampled(clean: Tensor, z: Tensor, level: NoiseLevel, target: NoiseLevel, gamma: float, rng: Randomness) -> Tensor:
    """A draw from the product of ``N(a' clean, s'^2)`` and ``N(z, gamma btilde)`` at `target`."""
    own, other = target.s**2, gamma * Bridge.between(level, target).std ** 2
    mean = torch.lerp(z, target.a * clean, other / (other + own))
    return torch.add(mean, rng.normal(z), alpha=(other * own / (other + own)) ** 0.5)
