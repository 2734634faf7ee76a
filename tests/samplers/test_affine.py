"""L2: the exact law of whole runs, probed from the code, against closed forms, reference values and a recursion."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import attrs
import numpy as np
import pytest

from invsolve import EDMSchedule, FlowSchedule, Guidance, Problem, VPSchedule
from invsolve.testing.probing import AffineMap, affine_probe
from invsolve_priors import Gaussian
from invsolve_samplers import (
    DDIM,
    DPS,
    DDIMKernel,
    DDPMKernel,
    Diffusion,
    DPSGuidance,
    ExactGuidance,
    ExactKernel,
    NoGuidance,
    PiGDMGuidance,
    TMPDGuidance,
)
from tests.samplers.analytic import Levels, average_problem, pixel_prior
from tests.samplers.gaussian_oracle import (
    G1,
    G2,
    Gain,
    Oracle,
    bayes_gain,
    chain,
    ddim_step,
    exact_gain,
    exact_start,
    linear_betas,
    no_gain,
    pigdm_gain,
    unit_start,
)
from tests.samplers.thousand_steps import EXPECTED, ORACLES, QUICK, recursion_step

BAYES = DPSGuidance(convention="bayes")


def gaussian_problem(oracle: Oracle, **fields) -> Problem:
    prior = Gaussian(mean=oracle.mu.reshape(1, 4, 1, 1), covariance=oracle.C, **fields)
    return average_problem(prior, oracle)


def check(found: AffineMap, mean, covariance, tolerance: float):
    np.testing.assert_allclose(found.mean.numpy(), mean, atol=tolerance, rtol=tolerance)
    np.testing.assert_allclose(found.covariance.numpy(), covariance, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("steps", [2, 5, 50])
@pytest.mark.parametrize("name", ORACLES)
def test_exact_kernel_is_exact_in_any_number_of_steps(name: str, steps: int):
    sampler = Diffusion(kernel=ExactKernel(), guidance=ExactGuidance(), steps=steps)
    check(affine_probe(gaussian_problem(ORACLES[name]), sampler), *ORACLES[name].posterior, 1e-9)


@pytest.mark.parametrize("schedule", [VPSchedule(), EDMSchedule(), FlowSchedule(), FlowSchedule(shift=3.0)], ids=repr)
def test_exact_kernel_is_exact_on_any_schedule(schedule):
    sampler = Diffusion(kernel=ExactKernel(), guidance=ExactGuidance(), steps=4)
    check(affine_probe(gaussian_problem(G2, schedule=schedule), sampler), *G2.posterior, 1e-9)


def test_exact_kernel_without_guidance_draws_the_prior():
    """From pure noise (a = 0) nothing is lost by starting at N(0, I)."""
    sampler = Diffusion(kernel=ExactKernel(), guidance=NoGuidance(), steps=3)
    check(affine_probe(gaussian_problem(G2, schedule=FlowSchedule()), sampler), G2.mu, G2.C, 1e-9)


GAINS: dict[type[Guidance], Gain] = {
    NoGuidance: no_gain,
    ExactGuidance: exact_gain,
    TMPDGuidance: exact_gain,
    PiGDMGuidance: pigdm_gain,
    DPSGuidance: bayes_gain,
}


@pytest.fixture(scope="module")
def thousand_steps(request) -> dict[tuple[str, str, str], tuple[list[float], list[list[float]]]]:
    items = (item for item in request.session.items if item.name.startswith("test_thousand_steps["))
    wanted = {item.callspec.params["row"] for item in items}
    command = [sys.executable, "-m", "tests.samplers.thousand_steps", *["--all"] * (not wanted <= set(QUICK))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {(oracle, kernel, rule): (mean, covariance) for oracle, kernel, rule, mean, covariance in rows}


SLOW = [pytest.param(row, marks=pytest.mark.slow, id="-".join(row)) for row in EXPECTED if row not in QUICK]


@pytest.mark.parametrize("row", [*(pytest.param(row, id="-".join(row)) for row in QUICK), *SLOW])
def test_thousand_steps(row: tuple[str, str, str], thousand_steps):
    """Within 1e-4 of the reference values, and within 1e-8 of the recursion."""
    mean, covariance = (np.array(values) for values in thousand_steps[row])
    np.testing.assert_allclose(mean, EXPECTED[row][0], atol=1e-4)
    assert np.trace(covariance) == pytest.approx(EXPECTED[row][1], abs=1e-4)
    oracle = ORACLES[row[0]]
    expected = chain(linear_betas(), partial(recursion_step, oracle, row[1], row[2]), unit_start(oracle))
    np.testing.assert_allclose(mean, expected[0], atol=1e-8)
    np.testing.assert_allclose(covariance, expected[1], atol=1e-8)


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    "rule", [ExactGuidance(), TMPDGuidance(), PiGDMGuidance(bounded=False), BAYES], ids=lambda r: type(r).__name__
)
def test_few_steps_against_the_recursion(rule: Guidance, eta: float):
    """A prior without closed forms, so that `exact` and `tmpd` both take the Jacobian's word for the covariance.

    The noise is large enough for the Bayes step to be stable.
    """
    oracle = attrs.evolve(G1, sigma=0.5)
    levels = (*linear_betas()[::50][:-1], linear_betas()[-1])
    problem = average_problem(pixel_prior(oracle, Levels(levels)), oracle)
    sampler = Diffusion(kernel=DDIMKernel(eta=eta), guidance=rule, steps=len(levels) - 1)
    gain = GAINS[type(rule)]
    expected = chain(
        list(levels), lambda level, target: ddim_step(oracle, gain, level, target, eta), unit_start(oracle)
    )
    check(affine_probe(problem, sampler), *expected, 1e-8)


def test_dps_and_ddim_are_names_for_diffusion():
    problem = gaussian_problem(G1)
    pairs = [
        (DPS(steps=20, convention="bayes", scale=0.3), Diffusion(DDPMKernel(), DPSGuidance(0.3, "bayes"), 20)),
        (DDIM(steps=20, eta=0.5), Diffusion(DDIMKernel(0.5), ExactGuidance(), 20)),
    ]
    for short, long in pairs:
        one, other = affine_probe(problem, short), affine_probe(problem, long)
        check(one, other.mean.numpy(), other.covariance.numpy(), 0.0)


def test_mean_is_exact_at_any_number_of_steps_from_an_exact_start():
    """Exact guidance: DDPM and DDIM keep the posterior mean; the covariance is what the discretisation costs."""
    levels = [*linear_betas()[::50][:-1], linear_betas()[-1]]
    for eta in (0.0, 1.0):
        mean, covariance = chain(
            levels, lambda lv, tg, eta=eta: ddim_step(G2, exact_gain, lv, tg, eta), exact_start(G2, levels[0])
        )
        np.testing.assert_allclose(mean, G2.posterior[0], atol=1e-12)
        assert np.trace(covariance) < np.trace(G2.posterior[1])
