"""`Auto`: a sampler that needs no tuning, chosen by what the problem can do."""

from collections.abc import Iterator
from typing import Any, ClassVar, final

import attrs
import torch
from torch import Tensor

from invsolve.problem import Problem
from invsolve.randomness import Randomness
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Info
from invsolve.validators import instance, optional, whole
from invsolve_samplers.auto.cases import Case, choose, named
from invsolve_samplers.auto.linearised_tmpd import LinearisedTMPD
from invsolve_samplers.auto.pilot import noise_factor
from invsolve_samplers.auto.rows import RowRandomness, joined, rows_of
from invsolve_samplers.auto.scaled_noise import scaled
from invsolve_samplers.daps import DAPS
from invsolve_samplers.guidance.gauss_newton import GaussNewtonGuidance
from invsolve_samplers.kernels.dpm_solver import DPMSolverKernel


@final
@attrs.frozen(eq=False)
class AutoState:
    """The chosen sampler and its state.

    Attributes:
        case: the name of the choice.
        state: that of its sampler.
        factor: (b,), by how much the rule is told the noise's std to be larger; None without calibration.
    """

    case: str
    state: Any
    factor: Tensor | None = None


@final
@attrs.frozen
class Auto(Sampler[AutoState]):
    """Chooses the sampler by what the problem can do, and reports in the run's message what it chose and why.

    The first case that holds:

    1. linear operator, Gaussian noise and a prior with a closed form for them: draws of the posterior itself;
    2. linear operator, Gaussian noise, and a decoder that scales and shifts: `daps` with draws in closed form;
    3. all others: `tmpd` with operator and decoder linearised at the clean estimate, and the noise's variance there;
       stochastic `dpm_solver`.

    Without gradients through the network, instead of 3:

    4. a decoder that scales and shifts: `daps` with Langevin dynamics;
    5. all others: `gauss_newton` with `dpm_solver`, calibrated.

    Calibration: the rule is told that the noise's std is ``f`` times what it is, and a pilot run sets ``f`` so that the
    mean chi-square of the residual, under the noise as stated, is 1. There is one ``f`` for each observation, from
    pilot samples with noise of their own: it depends neither on the seed nor on how many samples or observations are
    asked for. The trace holds it as ``noise_factor``.

    Cost of a step: that of the choice: nothing (1), one network call (2, 4, 5), or a network call and up to 21 of its
    gradients (3). A pilot takes ``pilots`` whole runs up to six times, for each observation and in each chunk.

    Known bias: that of the choice: none (1); none in many steps (2, 4: in long chains, too); none in many steps for
    Gaussian priors, Gaussian noise and all else affine (3), but a response that is flat at the estimate, such as a
    clipped one, tells it nothing; exact for latents of unit covariance only (5). Calibration repairs the size of the
    residual, not the shape of the posterior; a residual that is large because the prior cannot draw the scene is made
    smaller all the same.

    Attributes:
        steps: of whatever is chosen, at least 1.
        through_network: whether gradients may be taken through the network; without them a step takes less memory.
        calibrate: True, False, or None: where the choice needs it (5).
        pilots: pilot samples for each observation, at least 1.

    References:
        The choices are by measurement, docs/auto.md; their references are in their own pages. Setting a weight by the
        size of the residual is Morozov's discrepancy principle (1966).

    Examples:
        ```python
        Auto(steps=100)
        ```

        ```yaml
        sampler: {use: auto, steps: 100}
        ```
    """

    references: ClassVar[tuple[str, ...]] = tuple(
        dict.fromkeys(
            DAPS.references + LinearisedTMPD.references + GaussNewtonGuidance.references + DPMSolverKernel.references
        )
    )

    steps: int = attrs.field(default=100, validator=whole(least=1))
    through_network: bool = attrs.field(default=True, validator=instance(bool))
    calibrate: bool | None = attrs.field(default=None, validator=optional(instance(bool)))
    pilots: int = attrs.field(default=2, validator=whole(least=1))

    def init(self, problem: Problem, rng: Randomness) -> AutoState:
        """Choose, calibrate where that is wanted, and begin."""
        case = choose(problem, self.through_network)
        sampler = case.sampler(self.steps)
        factor = self._factors(problem, sampler) if self._calibrates(case) else None
        return AutoState(case.name, sampler.init(problem, rng), factor)

    def step(self, problem: Problem, state: AutoState, i: int, rng: Randomness) -> tuple[AutoState, Info]:
        """A step of what was chosen, observations with the same calibration together."""
        sampler = named(state.case).sampler(self.steps)
        if state.factor is None:
            inner, info = sampler.step(problem, state.state, i, rng)
            return attrs.evolve(state, state=inner), info
        parts = list(_alike(state.factor))
        done = []
        for rows in parts:
            some = problem.select(rows.tolist())
            told = some.with_noise(scaled(some.noise, float(state.factor[rows[0]])))
            own = RowRandomness(rng.at(i), rows, problem.count)
            done.append(sampler.step(told, rows_of(state.state, rows), i, own))
        inner, info = (joined([stepped[k] for stepped in done], parts) for k in (0, 1))
        return attrs.evolve(state, state=inner), {**info, "noise_factor": state.factor}

    def estimate(self, problem: Problem, state: AutoState) -> Tensor:
        """That of what was chosen."""
        return named(state.case).sampler(self.steps).estimate(problem, state.state)

    def remark(self, problem: Problem, video: Tensor) -> tuple[str, ...]:
        """The choice and its reason."""
        case = choose(problem, self.through_network)
        calibrated = ", calibrated by a pilot run (noise_factor in the trace)" if self._calibrates(case) else ""
        return (f"Auto chose {case.name}{calibrated}, because {case.reason}.",)

    def _calibrates(self, case: Case) -> bool:
        return case.rough if self.calibrate is None else self.calibrate

    def _factors(self, problem: Problem, sampler: Sampler[Any]) -> Tensor:
        """One factor for each row; rows with the same observation and condition share theirs."""
        factors = torch.zeros(problem.count, dtype=torch.float64)
        for row in range(problem.count):
            if factors[row] == 0:
                same = [other for other in range(row, problem.count) if _same(problem, row, other)]
                factors[same] = noise_factor(problem.select([row]), sampler, self.pilots)
        return factors.to(problem.observation.device)


def _same(problem: Problem, one: int, other: int) -> bool:
    alike = torch.equal(problem.observation[one], problem.observation[other])
    return alike and (problem.condition is None or torch.equal(problem.condition[one], problem.condition[other]))


def _alike(factor: Tensor) -> Iterator[Tensor]:
    """The rows of each value."""
    for value in torch.tensor(sorted(set(factor.tolist())), dtype=factor.dtype):
        yield (factor == value).nonzero()[:, 0]
