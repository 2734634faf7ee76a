"""F5: samplers that derive problems at every step do not have everything checked again."""

from typing import Any

import pytest
import torch

from invsolve import GaussianNoise, Problem, Sampler, solve
from invsolve.testing.small import FrameMean, small_problem
from invsolve_operators import TemporalAverage
from invsolve_priors import APG, ResidualImage, SpectralGaussian
from invsolve_samplers import Auto, Collapsed, Diffusion, PiGDMGuidance, TwistedSMC
from tests.priors.guided_parts import KNOWN, NULL, two_laws


def recurring() -> Problem:
    return Problem(
        operator=TemporalAverage(frames=2),
        observation=torch.tensor([0.7, -0.2, 0.4], dtype=torch.float64).reshape(3, 1, 1, 1, 1),
        prior=APG(two_laws(), scale=2.0, momentum=-0.5, condition=KNOWN, unconditional=NULL),
        noise=GaussianNoise(std=0.1),
    )


def residual() -> Problem:
    y = torch.full((1, 3, 1, 4, 4), 0.4, dtype=torch.float64)
    prior = ResidualImage(SpectralGaussian(), frames=4, std=0.1)
    return Problem(TemporalAverage(frames=4), y, prior, noise=GaussianNoise(std=0.02))


def pigdm(steps: int) -> Sampler[Any]:
    return Diffusion(guidance=PiGDMGuidance(), steps=steps)


def calibrated(steps: int) -> Sampler[Any]:
    return Auto(steps=steps, through_network=False, calibrate=True)


CASES = {
    "recalled": (recurring, pigdm),
    "twisted_smc": (small_problem, lambda steps: TwistedSMC(particles=2, steps=steps)),
    "collapsed": (residual, lambda steps: Collapsed(sampler=pigdm(steps))),
    "auto": (small_problem, calibrated),
}


def watch(monkeypatch, owner: Any, name: str, asked: list[str]) -> None:
    plain = getattr(owner, name)

    def watched(*given: Any) -> Any:
        asked.append(name)
        return plain(*given)

    monkeypatch.setattr(owner, name, watched)


@pytest.mark.parametrize("case", CASES)
def test_no_check_at_every_step(case: str, monkeypatch):
    problem_of, sampler_of = CASES[case]
    asked: list[str] = []
    for owner, name in ((TemporalAverage, "output_space"), (FrameMean, "output_space"), (torch, "isfinite")):
        watch(monkeypatch, owner, name, asked)
    counts = []
    for steps in (3, 7):
        problem = problem_of()
        asked.clear()
        solve(problem, sampler_of(steps), seed=0, throw=False)
        counts.append(len(asked))
    assert counts[0] == counts[1]
