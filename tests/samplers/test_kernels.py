"""Kernels against Bayes' rule and against each other."""

import numpy as np
import pytest
import torch
from invsolve_samplers import DDIMKernel, DDPMKernel, ExactKernel
from invsolve_samplers.bridge import Bridge

from invsolve import NoiseLevel, Prediction
from invsolve.errors import CapabilityError
from invsolve.testing.probing import InjectedRandomness
from tests.samplers.analytic import column

LEVELS = {
    "vp": (NoiseLevel(0.6, 0.8, 1.0), NoiseLevel(0.8, 0.6, 0.0)),
    "exploding": (NoiseLevel(1.0, 7.0, 1.0), NoiseLevel(1.0, 2.0, 0.0)),
    "flow": (NoiseLevel(0.2, 0.8, 0.8), NoiseLevel(0.5, 0.5, 0.5)),
    "pure noise": (NoiseLevel(0.0, 1.0, 1.0), NoiseLevel(0.3, 0.7, 0.7)),
    "clean": (NoiseLevel(0.6, 0.8, 1.0), NoiseLevel(1.0, 0.0, 0.0)),
    "noise to clean": (NoiseLevel(0.0, 1.0, 1.0), NoiseLevel(1.0, 0.0, 0.0)),
}
Z, Z0 = column(np.array([1.0, -0.5])), column(np.array([0.3, 0.2]))


def drawn(kernel, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, noise: float) -> torch.Tensor:
    rng = InjectedRandomness({(0, 0): torch.full((2,), noise, dtype=torch.float64)})
    return kernel.step(Z, prediction, level, target, rng)


@pytest.mark.parametrize("name", LEVELS)
def test_bridge_is_the_conditional_of_the_joint_law(name: str):
    """Condition the joint Gaussian of (z', z) given z0 on z; z = r z' + sqrt(s^2 - r^2 s'^2) n, r = a / a'."""
    level, target = LEVELS[name]
    r = level.a / target.a
    covariance = r * target.s**2  # Cov[z', z | z0]
    gain = covariance / level.s**2
    bridge = Bridge.between(level, target)
    assert bridge.noisy == pytest.approx(gain, abs=1e-15)
    assert bridge.clean == pytest.approx(target.a - gain * level.a, abs=1e-15)
    assert bridge.std**2 == pytest.approx(target.s**2 - gain * covariance, abs=1e-15)


@pytest.mark.parametrize("name", LEVELS)
def test_ddpm_keeps_the_marginal_law(name: str):
    """From z ~ N(a z0, s^2) the step goes to z' ~ N(a' z0, s'^2) when the estimate is z0 itself."""
    level, target = LEVELS[name]
    bridge = Bridge.between(level, target)
    assert bridge.clean + bridge.noisy * level.a == pytest.approx(target.a, abs=1e-15)
    assert (bridge.noisy * level.s) ** 2 + bridge.std**2 == pytest.approx(target.s**2, abs=1e-15)


def test_ddpm_formula():
    """Ho et al., eq. 7, with alpha = abar / abar'."""
    level, target = LEVELS["vp"]
    alpha = level.a**2 / target.a**2
    beta = 1 - alpha
    mean = target.a * beta / level.s**2 * Z0 + alpha**0.5 * target.s**2 / level.s**2 * Z
    std = (beta * target.s**2 / level.s**2) ** 0.5
    torch.testing.assert_close(drawn(DDPMKernel(), Prediction(Z0, Z), level, target, 0.0), mean, rtol=1e-14, atol=0)
    torch.testing.assert_close(drawn(DDPMKernel(), Prediction(Z0, Z), level, target, 1.0), mean + std)


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_ddim_with_eta_1_is_ddpm(name: str, noise: float):
    level, target = LEVELS[name]
    prediction = Prediction.from_clean(Z, Z0, level)
    torch.testing.assert_close(
        drawn(DDIMKernel(eta=1.0), prediction, level, target, noise),
        drawn(DDPMKernel(), prediction, level, target, noise),
        rtol=1e-13,
        atol=1e-13,
    )


def test_ddim_formula():
    level, target = LEVELS["vp"]
    alpha = level.a**2 / target.a**2
    sigma = 0.3 * (target.s**2 / level.s**2 * (1 - alpha)) ** 0.5
    prediction = Prediction.from_clean(Z, Z0, level)
    expected = target.a * Z0 + (target.s**2 - sigma**2) ** 0.5 * prediction.eps + 2 * sigma
    torch.testing.assert_close(drawn(DDIMKernel(eta=0.3), prediction, level, target, 2.0), expected)


@pytest.mark.parametrize("kernel", [DDPMKernel(), DDIMKernel(), DDIMKernel(eta=1.0)], ids=repr)
def test_the_last_step_returns_the_clean_estimate_and_draws_nothing(kernel):
    level, target = LEVELS["clean"]
    rng = InjectedRandomness()
    torch.testing.assert_close(kernel.step(Z, Prediction(Z0, Z), level, target, rng), Z0, rtol=0, atol=0)
    assert not rng.sizes


def test_exact_kernel_refuses_a_mean_alone():
    with pytest.raises(CapabilityError, match="closed form"):
        drawn(ExactKernel(), Prediction(Z0, Z), *LEVELS["vp"], 0.0)
