"""Guided priors inside samplers: the recursion of CFG, every rule, the memory of APG, FreeDoM's step by contrast."""

import json
import subprocess
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from invsolve import GaussianNoise, NoiseLevel, Outcome, Prior, Problem, SeededRandomness, VideoSpace, solve
from invsolve.errors import CapabilityError
from invsolve.sampler.walk import INIT
from invsolve.testing.probing import InjectedRandomness, affine_probe
from invsolve_operators import TemporalAverage
from invsolve_priors import APG, CFG, CFGPlusPlus, Gaussian
from invsolve_samplers import (
    DDIMKernel,
    DDNMGuidance,
    DDNMPlusGuidance,
    DDPMKernel,
    DDRMGuidance,
    DiffPIRGuidance,
    Diffusion,
    DPMSolverKernel,
    DPSGuidance,
    DSGGuidance,
    ExactGuidance,
    FreeDoMGuidance,
    GMLDPSGuidance,
    HeunKernel,
    LGDMCGuidance,
    MPGDGuidance,
    NoGuidance,
    PiGDMGuidance,
    PSLDGuidance,
    TMPDGuidance,
    TwistedSMC,
)
from tests.priors.guided_parts import COVARIANCES, KNOWN, MEANS, NULL, law, two_laws
from tests.samplers.gaussian_oracle import Oracle as Law
from tests.samplers.gaussian_oracle import chain, ddim_step, linear_betas, no_gain, unit_start

TWO = {"condition": KNOWN, "unconditional": NULL}
LAWS = [
    Law(mean, covariance, np.full((1, 2), 0.5), 0.1, np.array([0.4]))
    for mean, covariance in zip(MEANS, COVARIANCES, strict=True)
]


def problem(prior: Prior, count: int = 1) -> Problem:
    return Problem(
        operator=TemporalAverage(frames=2),
        observation=torch.linspace(0.4, 0.7, count, dtype=torch.float64).reshape(-1, 1, 1, 1, 1),
        prior=prior,
        noise=GaussianNoise(std=0.1),
        space=VideoSpace(frames=2, height=1, width=1, channels=1, transfer="linear"),
    )


def cfg_step(scale: float, level: tuple[float, float], target: tuple[float, float]):
    """One ancestral step with CFG: what is linear in z0 and eps is the same line through both steps."""
    (f_null, c_null, q), (f_known, c_known, _) = (ddim_step(one, no_gain, level, target, 1.0) for one in LAWS)
    return f_null + scale * (f_known - f_null), c_null + scale * (c_known - c_null), q


@pytest.fixture(scope="module")
def thousand_steps() -> dict[float, tuple[np.ndarray, np.ndarray]]:
    command = [sys.executable, "-m", "tests.samplers.guided_thousand_steps"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    rows = (json.loads(line) for line in done.stdout.splitlines())
    return {scale: (np.array(mean), np.array(covariance)) for scale, mean, covariance in rows}


TABLE = {  # scale: mean and variances after the 1000 ancestral steps of the linear schedule
    2.0: ((1.25036, -0.750244), (0.106553, 0.287152)),
    4.0: ((1.32826, -0.937876), (0.04563, 0.138393)),
}


@pytest.mark.parametrize("scale", TABLE)
def test_cfg_over_a_thousand_steps(scale: float, thousand_steps):
    mean, covariance = thousand_steps[scale]
    np.testing.assert_allclose(mean, TABLE[scale][0], atol=6e-6)
    np.testing.assert_allclose(np.diag(covariance), TABLE[scale][1], atol=6e-7)
    recursion = chain(linear_betas(), lambda one, two: cfg_step(scale, one, two), unit_start(LAWS[0]))
    np.testing.assert_allclose(mean, recursion[0], atol=1e-10)
    np.testing.assert_allclose(covariance, recursion[1], atol=1e-10)
    # It is not the tilted law p_u^(1-w) p_c^w.
    precision = (1 - scale) + scale / np.diag(COVARIANCES[1])
    tilted = scale * MEANS[1] / np.diag(COVARIANCES[1]) / precision
    assert (np.abs(mean) > 1.05 * np.abs(tilted)).all()
    assert (np.diag(covariance) < 0.9 / precision).all()


@pytest.mark.parametrize(("scale", "component"), [(0.0, 0), (1.0, 1)])
def test_cfg_returns_both_laws(scale: float, component: int, thousand_steps):
    """Up to what ancestral steps cost, O(1 / steps)."""
    mean, covariance = thousand_steps[scale]
    np.testing.assert_allclose(mean, MEANS[component], atol=1e-4)
    np.testing.assert_allclose(covariance, COVARIANCES[component], atol=0.01)


def test_a_guided_run_follows_the_recursion():
    sampler = Diffusion(kernel=DDPMKernel(), guidance=NoGuidance(), steps=10)
    found = affine_probe(problem(CFG(two_laws(), 2.0, **TWO)), sampler)
    levels = [(level.a, level.s) for level in two_laws().schedule.levels(10)]
    expected = chain(levels, lambda one, two: cfg_step(2.0, one, two), unit_start(LAWS[0]))
    np.testing.assert_allclose(found.mean, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.covariance, expected[1], atol=1e-12)


RULES = (
    NoGuidance(),
    DPSGuidance(),
    PiGDMGuidance(),
    ExactGuidance(),
    TMPDGuidance(),
    DDNMGuidance(),
    DDNMPlusGuidance(),
    DDRMGuidance(),
    DiffPIRGuidance(),
    MPGDGuidance(),
    LGDMCGuidance(draws=2),
    FreeDoMGuidance(scale=0.2, rule="contrast"),
    DSGGuidance(),
    PSLDGuidance(),
    GMLDPSGuidance(),
)
NO_GRADIENT = (NoGuidance, DDNMGuidance, DDNMPlusGuidance, DDRMGuidance, DiffPIRGuidance, MPGDGuidance)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_every_rule_composes(rule):
    """Each runs with each kind of guidance; the switch of the gradient matters to rules that take one, and only so."""
    sampler = Diffusion(kernel=DDIMKernel(), guidance=rule, steps=2)
    for kind in (CFG, CFGPlusPlus, APG):
        prior = kind(two_laws(), 0.7, **TWO)
        guided = solve(problem(prior, 2), sampler, seed=0, throw=False).latent
        conditional = solve(
            problem(attrs.evolve(prior, gradient="conditional"), 2), sampler, seed=0, throw=False
        ).latent
        assert torch.isfinite(guided).all()
        assert torch.equal(guided, conditional) == isinstance(rule, NO_GRADIENT)


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not isinstance(rule, FreeDoMGuidance)], ids=lambda r: type(r).__name__
)
def test_scale_one_is_the_conditional_prior_under_every_rule(rule):
    """Also CFG++ interpolates all the way, but it renoises otherwise."""
    known = problem(two_laws())
    known = attrs.evolve(known, condition=torch.tensor([KNOWN], dtype=torch.float64))
    sampler = Diffusion(kernel=DDPMKernel(), guidance=rule, steps=4)
    expected = solve(known, sampler, seed=0, throw=False).latent
    for kind in (CFG, APG):
        assert torch.equal(solve(problem(kind(two_laws(), 1.0, **TWO)), sampler, seed=0, throw=False).latent, expected)


@pytest.mark.parametrize("kernel", [DDIMKernel(), HeunKernel(), DPMSolverKernel()], ids=lambda k: type(k).__name__)
def test_the_sampler_keeps_the_memory_of_apg(kernel):
    prior = APG(two_laws(), 3.0, momentum=-0.5, **TWO)
    started = Diffusion(kernel=kernel, guidance=PiGDMGuidance(), steps=4)
    state = started.init(problem(prior), InjectedRandomness({(0, 0): torch.tensor([[0.3, -0.8]], dtype=torch.float64)}))
    average = np.zeros((1, 2))
    for i in range(4):
        level = prior.schedule.levels(4)[i]
        z = state.z.flatten(1).numpy()
        average = law(1, z, level)[0] - law(0, z, level)[0] - 0.5 * average
        state, _ = started.step(problem(prior), state, i, InjectedRandomness())
        if i < 3:
            np.testing.assert_allclose(state.memory.flatten(1), average, rtol=1e-12)
    assert not torch.allclose(
        state.z, solve(problem(attrs.evolve(prior, momentum=0.0)), started, seed=0, throw=False).latent[0]
    )


def test_a_run_with_a_memory_resumes_to_the_bit(tmp_path):
    prior = APG(two_laws(), 3.0, momentum=-0.5, **TWO)
    sampler, file = Diffusion(guidance=PiGDMGuidance(), steps=4), tmp_path / "run.safetensors"
    whole = solve(problem(prior), sampler, seed=0, throw=False)
    stopped = solve(problem(prior), sampler, seed=0, throw=False, checkpoint=file, time_limit=0.0)
    assert stopped.outcome is Outcome.TIME_LIMIT
    resumed = solve(problem(prior), sampler, seed=0, throw=False, checkpoint=file)
    assert torch.equal(resumed.latent, whole.latent)


@pytest.mark.parametrize("kind", [CFG, CFGPlusPlus, APG])
def test_particles_keep_the_condition_of_their_observation(kind):
    prior = kind(two_laws(), 0.7, unconditional=NULL)
    both = attrs.evolve(problem(prior, 2), condition=torch.tensor([KNOWN, NULL], dtype=torch.float64))
    sampler = TwistedSMC(particles=3, steps=3)
    together = solve(both, sampler, seed=0, throw=False).latent[0]
    for i in range(2):
        alone = attrs.evolve(both, observation=both.observation[[i]], condition=both.condition[[i]])
        rng = SeededRandomness(0, ((i, 0),))
        state = sampler.init(alone, rng.at(INIT))
        for step in range(3):
            state, _ = sampler.step(alone, state, step, rng.at(step))
        np.testing.assert_allclose(sampler.estimate(alone, state)[0], together[i], rtol=1e-12)


def test_samplers_without_a_memory_refuse_momentum():
    with pytest.raises(CapabilityError, match="keeps the prior's memory"):
        solve(problem(APG(two_laws(), 3.0, momentum=-0.5, **TWO)), TwistedSMC(particles=2, steps=2), seed=0)


def test_freedom_steps_by_contrast():
    """c = scale RMS(w (eps_c - eps_u)) / RMS(g): with w = 3, on the unsquared distance."""
    level, target = NoiseLevel(0.6, 0.8, 500.0), NoiseLevel(0.8, 0.6, 300.0)
    z = np.array([[0.4, -0.9]])
    latent = torch.from_numpy(z).reshape(1, 1, 2, 1, 1)
    (null, null_eps), (known, known_eps) = (law(k, z, level) for k in (0, 1))
    residual = 0.4 - (null + 3.0 * (known - null)).mean()
    slopes = [level.a * np.diag(c) / (level.a**2 * np.diag(c) + level.s**2) for c in COVARIANCES]
    gradient = -np.sign(residual) * (slopes[0] + 3.0 * (slopes[1] - slopes[0])) / 2
    length = 0.2 * np.sqrt(np.mean((3.0 * (known_eps - null_eps)) ** 2)) / np.sqrt(np.mean(gradient**2))
    prior = CFG(two_laws(), 3.0, **TWO)
    rule = FreeDoMGuidance(scale=0.2, rule="contrast")
    with_rule = rule.step(problem(prior), DDIMKernel(), latent, level, target, InjectedRandomness())
    without = NoGuidance().step(problem(prior), DDIMKernel(), latent, level, target, InjectedRandomness())
    np.testing.assert_allclose((with_rule.z - without.z).flatten(), -length * gradient, rtol=1e-10)
    plain = Gaussian(mean=MEANS[1].reshape(1, 2, 1, 1), covariance=COVARIANCES[1])
    with pytest.raises(CapabilityError, match="made no such pair"):
        rule.step(problem(plain), DDIMKernel(), latent, level, target, InjectedRandomness())
