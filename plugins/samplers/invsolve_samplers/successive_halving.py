"""`SuccessiveHalving`: several candidates for each sample; those that explain the observation worse are given up."""

from collections.abc import Callable
from typing import Any, ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.solving.state_tree import combined
from invsolve.validators import instance, whole


@final
@attrs.frozen(eq=False)
class Candidates:
    """The states of the candidates that are left, each with one row for every trajectory; the best comes first."""

    states: tuple[Any, ...]


@final
@attrs.frozen
class SuccessiveHalving(Sampler[Candidates]):
    """Each sample is the one of several runs of another sampler that explains the observation best.

    A guided run may settle on a scene that cannot have caused the observation, such as a wrong motion; its misfit stays
    larger than that of others: for a picture of 64 x 64 pixels by tens to hundreds in the likelihood's logarithm. So
    each sample begins as ``candidates`` runs with noise of their own. After ``rounds[0]`` steps those half of them with
    the smaller misfit (rounded up) go on, after ``rounds[1]`` half of these, and so on; after the last step the one
    with the likeliest result is left.
    Samples are independent, and the same alone and in any batch.

    Cost: that of the sampler for each candidate, as long as it runs: with 4 candidates and rounds after 7 and 12 of 20
    steps, 7 x 4 + 5 x 2 + 8 = 46 steps, one after the other, so that memory stays that of one run.

    Known bias: the best of several draws is not a draw. Where candidates are draws of the posterior already, their
    residuals come out too small: by as much as the smallest of ``candidates`` chi-square values falls below their mean,
    which is little for many measurements. It repairs runs that ended where the posterior has no weight.

    Attributes:
        sampler: of each candidate; its steps must record ``misfit``.
        candidates: at least 1.
        rounds: numbers of steps, at least 1, rising; none: all candidates run to their end.

    Raises:
        ComponentError: for rounds that do not rise, or beyond the steps.

    References:
        Jamieson and Talwalkar 2016 (successive halving); Ma et al. 2025 (search over noise at the time of sampling),
        with the likelihood as the verifier.

    Examples:
        ```python
        SuccessiveHalving(sampler=DPS(steps=20, scale=1.0), candidates=4, rounds=(7, 12))
        ```

        ```yaml
        sampler: {use: successive_halving, sampler: {use: dps, steps: 20, scale: 1.0}, candidates: 4, rounds: [7, 12]}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@inproceedings{jamieson2016non,\n"
        "  title = {Non-stochastic Best Arm Identification and Hyperparameter Optimization},\n"
        "  author = {Jamieson, Kevin and Talwalkar, Ameet},\n"
        "  booktitle = {Artificial Intelligence and Statistics},\n  year = {2016}\n}",
        "@misc{ma2025inference,\n"
        "  title = {Inference-Time Scaling for Diffusion Models beyond Scaling Denoising Steps},\n"
        "  author = {Ma, Nanye and others},\n"
        "  year = {2025},\n  eprint = {2501.09732},\n  archivePrefix = {arXiv}\n}",
    )

    sampler: Sampler[Any] = attrs.field(validator=instance(Sampler))
    candidates: int = attrs.field(default=4, validator=whole(least=1))
    rounds: tuple[int, ...] = attrs.field(default=())

    @rounds.validator
    def _rising(self, _: object, value: Any) -> None:
        steps, given = self.sampler.steps, value if isinstance(value, tuple) else (None,)
        whole_numbers = all(isinstance(count, int) and not isinstance(count, bool) for count in given)
        if not whole_numbers or list(given) != sorted({count for count in given if 1 <= count <= steps}):
            raise ComponentError(f"rounds must be a tuple of rising numbers of steps, 1 to {steps}, got {value!r}.")

    @property
    def steps(self) -> int:  # type: ignore[override]  # read-only
        """The sampler's."""
        return self.sampler.steps

    @property
    def requires(self) -> frozenset[Requirement]:
        """The needs of the sampler."""
        return self.sampler.requires

    def init(self, problem: Problem, rng: Randomness) -> Candidates:
        """The start of every candidate."""
        return Candidates(tuple(self.sampler.init(problem, rng) for _ in range(self.candidates)))

    def step(self, problem: Problem, state: Candidates, i: int, rng: Randomness) -> tuple[Candidates, Info]:
        """A step of every candidate that is left; then, in a round or at the end, the better ones."""
        moved = [self.sampler.step(problem, candidate, i, rng) for candidate in state.states]
        states, infos = [candidate for candidate, _ in moved], [dict(info) for _, info in moved]
        ranked = torch.stack([info["misfit"] for info in infos])
        if i + 1 == self.steps and len(states) > 1:
            ranked = torch.stack([_unlikeliness(problem, self.sampler.estimate(problem, each)) for each in states])
        order = ranked.argsort(dim=0, stable=True)
        best = _of(order[0])
        if i + 1 == self.steps:
            return Candidates((combined(states, best),)), combined(infos, best)
        left = (len(states) + 1) // 2 if i + 1 in self.rounds else len(states)
        return Candidates(tuple(combined(states, _of(order[rank])) for rank in range(left))), combined(infos, best)

    def estimate(self, problem: Problem, state: Candidates) -> Tensor:
        """That of the best candidate."""
        return self.sampler.estimate(problem, state.states[0])

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """The sampler's."""
        return self.sampler.remark(problem, video)


def _unlikeliness(problem: Problem, z0: Tensor) -> Tensor:
    """``-log p(y | z0)`` of each trajectory, up to a constant."""
    return problem.noise.negative_log_likelihood(problem.observation, problem.forward(z0))


def _of(which: Tensor) -> Callable[[list[Tensor]], Tensor]:
    """Takes, for every trajectory, its row of the candidate that `which` names."""

    def taken(tensors: list[Tensor]) -> Tensor:
        return torch.stack(tensors)[which, torch.arange(len(which), device=which.device)]

    return taken
