"""L1: what each rule makes of one prediction, at a reference point and against formulas at random points."""

from collections.abc import Callable

import attrs
import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from invsolve import Guidance, NoiseLevel, SeededRandomness
from invsolve_samplers import DDPMKernel, DPSGuidance, ExactGuidance, NoGuidance, PiGDMGuidance, TMPDGuidance
from tests.samplers.analytic import AnalyticPrior, average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import (
    G1,
    G2,
    Array,
    Gain,
    Oracle,
    bayes_gain,
    exact_gain,
    no_gain,
    pigdm_gain,
)
from tests.samplers.one_step import HALF, NEXT, POINT, Seen, latent, latent_problem, one_step

RULES: list[tuple[Guidance, Gain]] = [
    (NoGuidance(), no_gain),
    (ExactGuidance(), exact_gain),
    (TMPDGuidance(), exact_gain),
    (PiGDMGuidance(bounded=False), pigdm_gain),
    (DPSGuidance(convention="bayes"), bayes_gain),
]
NAMES = [type(rule).__name__ for rule, _ in RULES]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (NoGuidance(), (1.23137085, -0.19230769, -0.65710678, 0.38142136)),
        (ExactGuidance(), (2.19064945, -0.14618853, -0.05755765, 0.62124101)),
        (TMPDGuidance(), (2.19064945, -0.14618853, -0.05755765, 0.62124101)),
        (PiGDMGuidance(), (1.98567539, -0.15604305, -0.18566644, 0.56999749)),
        (DPSGuidance(convention="bayes"), (11.41448219, 0.29726497, 5.7073378, 2.92719919)),
    ],
    ids=NAMES,
)
def test_reference_point(rule: Guidance, expected: tuple[float, ...]):
    np.testing.assert_allclose(one_step(rule, G2, POINT).z0, expected, atol=6e-9)


def test_reference_noise_and_residual():
    step = one_step(NoGuidance(), G2, POINT)
    np.testing.assert_allclose(step.eps, (0.18284271, 0.19230769, -0.75710678, 0.32568542), atol=6e-9)
    assert step.info["misfit"] == pytest.approx(0.50915557, abs=6e-9)


@pytest.mark.parametrize(("rule", "gain"), RULES, ids=NAMES)
@pytest.mark.parametrize("oracle", [G1, G2], ids=["G1", "G2"])
def test_gain_at_random_points(rule: Guidance, gain: Gain, oracle: Oracle):
    numbers = np.random.default_rng(0)
    for abar in (0.9999, 0.7, 0.02, 4e-5):
        level = NoiseLevel(a=abar**0.5, s=(1 - abar) ** 0.5, time=0.0)
        z = numbers.standard_normal(4)
        clean = oracle.clean(z, level.a, level.s)
        expected = clean + gain(oracle, level.a, level.s) @ (oracle.y - oracle.A @ clean)
        step = one_step(rule, oracle, z, level)
        scale = 1 + np.abs(expected).max()
        np.testing.assert_allclose(step.z0, expected, atol=1e-10 * scale)
        np.testing.assert_allclose(level.a * step.z0 + level.s * step.eps, z, atol=1e-10 * scale)


@pytest.mark.parametrize(("rule", "gain"), RULES, ids=NAMES)
def test_flow_and_exploding_levels(rule: Guidance, gain: Gain):
    for level in (NoiseLevel(0.3, 0.7, 0.7), NoiseLevel(1.0, 5.0, 5.0)):
        clean = G2.clean(POINT, level.a, level.s)
        expected = clean + gain(G2, level.a, level.s) @ (G2.y - G2.A @ clean)
        np.testing.assert_allclose(one_step(rule, G2, POINT, level).z0, expected, rtol=1e-10)


@pytest.mark.parametrize(("rule", "gain"), [RULES[2], RULES[4]], ids=[NAMES[2], NAMES[4]])
def test_latent_prior_replaces_the_operator_by_operator_after_decoder(rule: Guidance, gain: Gain):
    prior, oracle = latent()
    z = np.array([0.3, -1.0, 0.2])
    problem = latent_problem(prior)
    kernel = Seen()
    rule.step(problem, kernel, column(z), HALF, NEXT, SeededRandomness(0))
    clean = oracle.clean(z, HALF.a, HALF.s)
    expected = clean + gain(oracle, HALF.a, HALF.s) @ (oracle.y - oracle.A @ clean)
    np.testing.assert_allclose(kernel.prediction.z0.flatten().numpy(), expected, rtol=1e-10)


def test_pigdm_variance_is_in_video_units():
    """A decoder that only scales by 3 gives the same as the prior in video space with nine times the variance."""
    prior = AnalyticPrior(mu=G2.mu / 3, C=G2.C / 9, B=3 * np.eye(4), c=np.zeros(4))
    level = NoiseLevel(0.4, 0.6, 0.0)
    scaled = one_step(PiGDMGuidance(prior_variance=1 / 9), G2, POINT / 3, attrs.evolve(level, s=0.2), prior)
    plain = one_step(PiGDMGuidance(prior_variance=1.0), G2, POINT, level)
    np.testing.assert_allclose(3 * scaled.z0, plain.z0, rtol=1e-12)


def test_pigdm_is_exact_for_its_own_variance():
    oracle = attrs.evolve(G2, C=0.3 * np.eye(4))
    rule = PiGDMGuidance(prior_variance=0.3)
    np.testing.assert_allclose(
        one_step(rule, oracle, POINT).z0, one_step(ExactGuidance(), oracle, POINT).z0, rtol=1e-12
    )


@pytest.mark.parametrize("largest", [2.0, 400.0])
def test_pigdm_that_would_overshoot_goes_to_the_lowest_point_along_its_direction(largest: float):
    oracle = attrs.evolve(G1, C=np.diag([largest, 0.01, 1.0, 0.25]))
    level = NoiseLevel(0.1, 0.9, 0.0)
    a, s, A = level.a, level.s, oracle.A
    clean = oracle.clean(POINT, a, s)
    conditional = s**2 * np.linalg.inv(a**2 * np.eye(4) + s**2 * np.linalg.inv(oracle.C))
    residual, noise = oracle.y - A @ clean, oracle.sigma**2 * np.eye(len(A))
    pull = conditional @ A.T @ np.linalg.solve(s**2 / (s**2 + a**2) * A @ A.T + noise, residual)

    def misfit(t: np.ndarray) -> np.ndarray:
        """Half the quadratic whose minimum is the exact correction, at ``t`` times this one."""
        w = np.linalg.solve(s**2 / (s**2 + a**2) * A @ A.T + noise, residual)
        return t**2 * (w @ (A @ conditional @ A.T + noise) @ w) / 2 - t * (w @ residual)

    lowest = minimize_scalar(misfit, bounds=(0, 2), method="bounded", options={"xatol": 1e-12}).x
    share = 1.0 if lowest > 0.5 else lowest
    assert (share < 1) == (largest == 400.0)
    found = one_step(PiGDMGuidance(), oracle, POINT, level)
    np.testing.assert_allclose(found.z0, clean + share * pull, rtol=1e-7)


def test_dps_approaches_exact_as_noise_grows():
    """The relative difference of the gains falls like sigma^-2: the gain itself like sigma^-2, its error like -4."""

    def error(sigma: float) -> float:
        oracle = attrs.evolve(G2, sigma=sigma)
        return float(np.abs(bayes_gain(oracle, HALF.a, HALF.s) - exact_gain(oracle, HALF.a, HALF.s)).max())

    for sigma in (10.0, 100.0):
        oracle = attrs.evolve(G2, sigma=sigma)
        dps, exact = (one_step(rule, oracle, POINT).z0 for rule in (DPSGuidance(convention="bayes"), ExactGuidance()))
        residual = np.abs(oracle.y - oracle.A @ oracle.clean(POINT, HALF.a, HALF.s)).max()
        np.testing.assert_allclose(np.abs(dps - exact).max(), error(sigma) * residual, rtol=1e-3)
    assert error(100.0) == pytest.approx(1e-4 * error(10.0), rel=2e-2)


RESIDUAL = 0.50915557
NORM_GRADIENT = np.array((-0.28284271, -0.01359821, -0.1767767, -0.07071068))
SQUARED_GRADIENT = np.array((-0.28802188, -0.01384721, -0.18001368, -0.07200547))


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        ("unsquared", -0.6 * NORM_GRADIENT),
        ("squared", -0.6 * SQUARED_GRADIENT),
        ("paper", -0.6 / RESIDUAL * SQUARED_GRADIENT),
    ],
)
def test_dps_conventions(convention: str, expected: Array):
    """The kernel stands still at zero, so what is left is the gradient step; the prediction stays the prior's."""
    step = one_step(DPSGuidance(scale=0.6, convention=convention), G2, POINT)
    np.testing.assert_allclose(step.moved, expected, atol=2e-8)
    np.testing.assert_allclose(step.z0, G2.clean(POINT, HALF.a, HALF.s), atol=1e-12)
    jacobian = G2.jacobian(HALF.a, HALF.s)
    exact = jacobian.T @ G2.A.T @ (G2.y - G2.A @ G2.clean(POINT, HALF.a, HALF.s))
    factor: dict[str, Callable[[float], float]] = {
        "unsquared": lambda norm: 0.6 / norm,
        "squared": lambda norm: 1.2,
        "paper": lambda norm: 1.2 / norm,
    }
    norm = float(np.linalg.norm(G2.y - G2.A @ G2.clean(POINT, HALF.a, HALF.s)))
    np.testing.assert_allclose(step.moved, factor[convention](norm) * exact, rtol=1e-10)


def test_dps_does_not_fail_at_zero_residual():
    z = column(np.zeros(4))
    prior = pixel_prior(attrs.evolve(G2, mu=np.full(4, 0.7)))
    problem = average_problem(prior, G2)
    guided = DPSGuidance().step(problem, Seen(), HALF.a * 0.7 + z, HALF, NEXT, SeededRandomness(0))
    assert torch.isfinite(guided.z).all()
    assert float(guided.info["misfit"]) < 1e-12


def test_dps_score_convention_is_unsquared_with_a_varying_scale():
    """deepinv's weight w is the unsquared scale w beta / sqrt(alpha) of the DDPM kernel."""
    problem = average_problem(pixel_prior(G2), G2)
    alpha = (HALF.a / NEXT.a) ** 2
    moved = [
        rule.step(problem, DDPMKernel(), column(POINT), HALF, NEXT, SeededRandomness(0)).z
        for rule in (DPSGuidance(3.0, "score"), DPSGuidance(3.0 * (1 - alpha) / alpha**0.5, "unsquared"))
    ]
    torch.testing.assert_close(moved[0], moved[1], rtol=1e-12, atol=0)
