"""What a rule must return, and what the sampler takes from it."""

from typing import Any, cast, final

import attrs
import pytest
import torch
from torch import Tensor

from invsolve import Guidance, Guided, Kernel, NoiseLevel, Past, Prediction, Problem, Randomness, solve
from invsolve.errors import ComponentError
from invsolve.plugin.contract import violations
from invsolve.sampler.guidance import Info, misfit
from invsolve.sampler.kernel import KernelAfter
from invsolve.testing.small import small_problem
from invsolve_samplers import Diffusion, DPMSolverKernel, DPSGuidance, NoGuidance, ResShift


@final
@attrs.frozen
class TupleGuidance(Guidance):
    """A rule as rules were once written."""

    def step(  # type: ignore[override]
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> tuple[Tensor, Info]:
        prediction = problem.predict(z, level)
        return kernel.step(z, prediction, level, target, rng), {"misfit": misfit(problem.residual(prediction.z0))}


@final
@attrs.frozen
class SeenGuidance(Guidance):
    """Samples the prior and keeps the kernels that it was handed, and the clean estimates that it returned."""

    kernels: list[Kernel] = attrs.field(factory=list, eq=False)
    clean: list[Tensor] = attrs.field(factory=list, eq=False)

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        guided = NoGuidance().step(problem, kernel, z, level, target, rng)
        self.kernels.append(kernel)
        self.clean.append(cast("Prediction", guided.prediction).z0)
        return guided


@pytest.mark.parametrize("sampler", [Diffusion(guidance=TupleGuidance(), steps=2), ResShift(guidance=TupleGuidance())])
def test_a_rule_that_returns_a_tuple_is_told_what_to_return(sampler: Any):
    with pytest.raises(
        ComponentError, match=r"TupleGuidance.step must return Guided\(z, prediction, info\), got a tuple"
    ):
        solve(small_problem(), sampler, seed=0)


def test_such_a_rule_is_refused_before_it_runs_where_it_says_so():
    (violation,) = violations("guidance", TupleGuidance)
    assert "TupleGuidance.step returns a tuple; return Guided(z, prediction, info)" in violation
    assert violations("guidance", DPSGuidance) == []


def test_a_multistep_kernel_is_handed_over_with_its_past():
    rule = SeenGuidance()
    sampler = Diffusion(kernel=DPMSolverKernel(), guidance=rule, steps=4)
    solve(small_problem(), sampler, seed=0, throw=False)
    assert isinstance(rule.kernels[0], DPMSolverKernel)
    levels = small_problem().prior.schedule.levels(4)
    for i, kernel in enumerate(rule.kernels[1:]):
        assert isinstance(kernel, KernelAfter)
        assert isinstance(kernel.past, Past)
        assert kernel.past.level == levels[i]
        assert torch.equal(kernel.past.z0, rule.clean[i])
