"""Kernels against Bayes' rule and against each other."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from invsolve import NoiseLevel, Past, Prediction
from invsolve.errors import CapabilityError, ComponentError
from invsolve.testing.probing import InjectedRandomness
from invsolve_samplers import (
    DDIMKernel,
    DDPMKernel,
    DPMSolverKernel,
    EulerKernel,
    ExactKernel,
    HeunKernel,
    RenoiseKernel,
    ResShiftKernel,
    ResShiftSchedule,
)
from invsolve_samplers.moves.transition import Bridge
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


def test_learned_variance_interpolates_logarithms():
    level, target = LEVELS["vp"]
    bridge = Bridge.between(level, target)
    beta = 1 - level.a**2 / target.a**2
    fraction = column(np.array([0.0, 0.25]))
    prediction = Prediction(Z0, Z, variance_fraction=fraction)
    moved = drawn(DDPMKernel("learned"), prediction, level, target, 1.0) - bridge.mean(Z0, Z)
    expected = np.exp(0.5 * (0.25 * np.log(beta) + 0.75 * np.log(bridge.std**2)))
    np.testing.assert_allclose(moved.flatten().numpy(), (bridge.std, expected), rtol=1e-12)
    large = drawn(DDPMKernel("large"), Prediction(Z0, Z), level, target, 1.0) - bridge.mean(Z0, Z)
    np.testing.assert_allclose(large.flatten().numpy(), np.sqrt(beta), rtol=1e-12)
    with pytest.raises(CapabilityError, match="predicts its variance"):
        drawn(DDPMKernel("learned"), Prediction(Z0, Z), level, target, 1.0)


def test_a_guided_prediction_keeps_the_learned_variance():
    prediction = Prediction(Z0, Z, variance_fraction=Z)
    level = LEVELS["vp"][0]
    for guided in (prediction.with_score(Z, level), prediction.with_clean(Z, level), prediction.detach()):
        assert guided.variance_fraction is not None


def test_renoise_formula():
    level, target = LEVELS["flow"]
    prediction = Prediction.from_clean(Z, Z0, level)
    expected = target.a * Z0 + target.s * ((1 - 0.3**2) ** 0.5 * prediction.eps + 0.3 * 2.0)
    torch.testing.assert_close(drawn(RenoiseKernel(0.3), prediction, level, target, 2.0), expected)


def test_euler_moves_along_the_velocity():
    level, target = LEVELS["flow"]
    prediction = Prediction.from_clean(Z, Z0, level)
    expected = Z + (target.time - level.time) * (prediction.eps - prediction.z0)
    torch.testing.assert_close(drawn(EulerKernel(), prediction, level, target, 0.0), expected)


@pytest.mark.parametrize("name", LEVELS)
def test_euler_is_ddim(name: str):
    level, target = LEVELS[name]
    prediction = Prediction.from_clean(Z, Z0, level)
    ddim = drawn(DDIMKernel(), prediction, level, target, 0.0)
    for kernel in (EulerKernel(), HeunKernel(), DPMSolverKernel()):
        torch.testing.assert_close(drawn(kernel, prediction, level, target, 0.0), ddim, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", LEVELS)
def test_stochastic_solver_of_first_order_is_ddpm(name: str):
    level, target = LEVELS[name]
    for noise in (0.0, 1.0):
        one = drawn(DPMSolverKernel(stochastic=True), Prediction(Z0, Z), level, target, noise)
        torch.testing.assert_close(
            one, drawn(DDPMKernel(), Prediction(Z0, Z), level, target, noise), rtol=1e-12, atol=0
        )


def test_cogvideox_step():
    """The scheduler's formula in abar, with lam = log(abar / (1 - abar)) / 2."""
    abars = (0.2, 0.36, 0.64)
    before, level, target = (NoiseLevel(x**0.5, (1 - x) ** 0.5, 0.0) for x in abars)
    lam = [0.5 * np.log(x / (1 - x)) for x in abars]
    h, r = lam[2] - lam[1], (lam[1] - lam[0]) / (lam[2] - lam[1])
    earlier = column(np.array([-0.2, 0.9]))
    direction = (1 + 1 / (2 * r)) * Z0 - 1 / (2 * r) * earlier
    expected = (
        np.sqrt((1 - abars[2]) / (1 - abars[1])) * np.exp(-h) * Z
        + (1 - np.exp(-2 * h)) * np.sqrt(abars[2]) * direction
        + np.sqrt(1 - abars[2]) * np.sqrt(1 - np.exp(-2 * h)) * 0.7
    )
    rng = InjectedRandomness({(0, 0): torch.full((2,), 0.7, dtype=torch.float64)})
    kernel = DPMSolverKernel(stochastic=True)
    found = kernel.after(Past(earlier, before)).step(Z, Prediction(Z0, Z), level, target, rng)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    # After pure noise, and into the clean level, the past has no weight.
    noise = NoiseLevel(0.0, 1.0, 0.0)
    for past, pair in ((noise, (level, target)), (before, LEVELS["clean"])):
        plain = kernel.step(Z, Prediction(Z0, Z), *pair, InjectedRandomness())
        again = kernel.after(Past(earlier, past)).step(Z, Prediction(Z0, Z), *pair, InjectedRandomness())
        torch.testing.assert_close(again, plain, rtol=0, atol=0)


def test_resshift_kernel_is_the_posterior_of_its_chain():
    """Bayes, from z' ~ N(z0 + eta' (y - z0), k^2 eta') and z given z' ~ N(z' + d (y - z0), k^2 d), d = eta - eta'."""
    schedule = ResShiftSchedule()
    level, target = schedule.levels(15)[4:6]
    eta, following, kappa = 1 - level.a, 1 - target.a, 2.0
    y = column(np.array([0.6, 0.2]))
    prior_mean, prior_variance = Z0 + following * (y - Z0), kappa**2 * following
    step_variance = kappa**2 * (eta - following)
    gain = prior_variance / (prior_variance + step_variance)
    mean = prior_mean + gain * (Z - prior_mean - (eta - following) * (y - Z0))
    torch.testing.assert_close(drawn(ResShiftKernel(), Prediction(Z0, Z), level, target, 0.0), mean)
    std = (gain * step_variance) ** 0.5
    torch.testing.assert_close(drawn(ResShiftKernel(), Prediction(Z0, Z), level, target, 1.0), mean + std)


def test_resshift_schedule():
    root = np.sqrt(ResShiftSchedule(timesteps=15).eta)
    assert root[-1] == pytest.approx(0.99)
    assert root[0] == pytest.approx(0.02)
    with pytest.raises(ComponentError, match="15 timesteps"):
        ResShiftSchedule().levels(10)


@pytest.mark.parametrize("name", ["vp", "exploding", "flow", "pure noise"])
def test_resshift_refuses_the_levels_of_another_schedule(name: str):
    """VP has s^2 / (1 - a) = 1 + a, a flow s^2 / (1 - a) = 1 - a, and exploding levels a = 1."""
    with pytest.raises(CapabilityError, match="with one kappa"):
        drawn(ResShiftKernel(), Prediction(Z0, Z), *LEVELS[name], 0.0)


@pytest.mark.parametrize(("timesteps", "kappa"), [(4, 2.0), (15, 0.1), (1000, 100.0)])
def test_resshift_accepts_its_own_levels(timesteps: int, kappa: float):
    for level, target in pairwise(ResShiftSchedule(timesteps=timesteps, kappa=kappa).levels(timesteps)):
        assert drawn(ResShiftKernel(), Prediction(Z0, Z), level, target, 0.0).isfinite().all()


@pytest.mark.parametrize(("steps", "deficit"), [(15, 0.178), (100, 0.043)])
def test_resshift_loses_covariance_like_one_over_steps(steps: int, deficit: float):
    """x0 given y ~ N((.4, -.1), [[.5, .2], [.2, .3]]), y = (.6, .2): the mean stays exact."""
    mu, c, y = np.array([0.4, -0.1]), np.array([[0.5, 0.2], [0.2, 0.3]]), np.array([0.6, 0.2])
    levels = ResShiftSchedule(timesteps=steps).levels(steps)
    first = levels[0]
    mean, covariance = first.a * mu + (1 - first.a) * y, first.a**2 * c + first.s**2 * np.eye(2)
    rows = np.vstack([mean, mean + np.linalg.cholesky(covariance).T])
    z = torch.as_tensor(rows).reshape(3, 1, 2, 1, 1)
    extra = np.zeros((2, 2))
    for level, target in pairwise(levels):
        gain = level.a * c @ np.linalg.inv(level.a**2 * c + level.s**2 * np.eye(2))
        shift = torch.as_tensor(mu - gain @ (level.a * mu + (1 - level.a) * y))

        def denoise(x, gain=gain, shift=shift):
            return torch.einsum("ij,bcjhw->bcihw", torch.as_tensor(gain), x) + shift.reshape(1, 1, 2, 1, 1)

        ones = torch.eye(2, dtype=torch.float64).reshape(2, 1, 2, 1, 1)
        quiet = InjectedRandomness()
        noisy = InjectedRandomness({(0, 0): torch.ones(3, 2, dtype=torch.float64)})
        moved = ResShiftKernel().step(z, Prediction(denoise(z), z), level, target, quiet)
        loud = ResShiftKernel().step(z, Prediction(denoise(z), z), level, target, noisy)
        linear = ResShiftKernel().step(
            ones, Prediction(denoise(ones) - shift.reshape(1, 1, 2, 1, 1), ones), level, target, quiet
        )
        f_matrix = linear.reshape(2, 2).numpy().T
        extra = f_matrix @ extra @ f_matrix.T + float((loud - moved).flatten()[0]) ** 2 * np.eye(2)
        z = moved
    found = z.reshape(3, 2).numpy()
    columns = found[1:] - found[0]
    np.testing.assert_allclose(found[0], mu, atol=1e-12)
    assert np.linalg.norm(columns.T @ columns + extra - c) == pytest.approx(deficit, abs=6e-4)
