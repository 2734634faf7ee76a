"""Convergence orders on a Gaussian, from an exact start to a level that is still a little noisy: no other error."""

import numpy as np
import pytest
import torch

from invsolve import Guidance, Kernel
from invsolve.testing.probing import InjectedRandomness
from invsolve_priors import Gaussian
from invsolve_samplers import (
    DDIMKernel,
    DDPMKernel,
    Diffusion,
    DPMSolverKernel,
    EulerKernel,
    ExactGuidance,
    HeunKernel,
    NoGuidance,
)
from invsolve_samplers.diffusion import DiffusionState
from tests.samplers.analytic import Levels, average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G1, Array, Level, Oracle, chain, ddim_step, exact_gain, exact_start


def vp_path(steps: int) -> list[Level]:
    """Even in log(s / a), variance preserving."""
    ratios = np.exp(np.linspace(np.log(20.0), np.log(0.05), steps + 1))
    return [(float(1 / np.sqrt(1 + r * r)), float(r / np.sqrt(1 + r * r))) for r in ratios]


def flow_path(steps: int) -> list[Level]:
    """Even in flow time."""
    times = np.linspace(0.95, 0.05, steps + 1)
    return [(float(1 - t), float(t)) for t in times]


def exploding_path(steps: int) -> list[Level]:
    return [(1.0, s / a) for a, s in vp_path(steps)]


PATHS = {"vp": vp_path, "flow": flow_path, "exploding": exploding_path}


def end_error(kernel: Kernel, rule: Guidance, path: list[Level], oracle: Oracle = G1) -> float:
    """Largest error of mean and covariance at the last level of a deterministic run."""
    prior = Gaussian(oracle.mu.reshape(1, 4, 1, 1), oracle.C, Levels((*path, (1.0, 0.0))))
    problem = average_problem(prior, oracle, count=5)
    target = oracle if isinstance(rule, NoGuidance) else Oracle(*oracle.posterior, oracle.A, oracle.sigma, oracle.y)
    start = law(target, path[0])
    rows = np.vstack([start[0], start[0] + np.linalg.cholesky(start[1]).T])
    state = DiffusionState(torch.as_tensor(rows).reshape(5, 1, 4, 1, 1))
    sampler = Diffusion(kernel=kernel, guidance=rule, steps=len(path))
    for i in range(len(path) - 1):
        state, _ = sampler.step(problem, state, i, InjectedRandomness())
    found = state.z.reshape(5, 4).numpy()
    columns = found[1:] - found[0]
    mean, covariance = law(target, path[-1])
    return float(max(np.abs(found[0] - mean).max(), np.abs(columns.T @ columns - covariance).max()))


def law(oracle: Oracle, level: Level) -> tuple[Array, Array]:
    """The law of z at a level, given y when the oracle's own law is the posterior."""
    return level[0] * oracle.mu, level[0] ** 2 * oracle.C + level[1] ** 2 * oracle.eye


@pytest.mark.parametrize("rule", [NoGuidance(), ExactGuidance()], ids=["prior", "posterior"])
@pytest.mark.parametrize(
    ("kernel", "order", "path"),
    [
        (DDIMKernel(), 1, "vp"),
        (EulerKernel(), 1, "flow"),
        (EulerKernel(), 1, "exploding"),
        (HeunKernel(), 2, "vp"),
        (HeunKernel(), 2, "flow"),
        (HeunKernel(), 2, "exploding"),
        (DPMSolverKernel(), 2, "vp"),
        (DPMSolverKernel(), 2, "flow"),
        (DPMSolverKernel(), 2, "exploding"),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__ if isinstance(x, Kernel) else f"order{x}",
)
def test_order(kernel: Kernel, order: int, path: str, rule: Guidance):
    coarse, fine = (end_error(kernel, rule, PATHS[path](steps)) for steps in (32, 64))
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.25)


def test_second_order_wins_at_equal_network_calls():
    ddim = end_error(DDIMKernel(), ExactGuidance(), vp_path(60))
    assert end_error(HeunKernel(), ExactGuidance(), vp_path(30)) < ddim / 10
    assert end_error(DPMSolverKernel(), ExactGuidance(), vp_path(60)) < ddim / 10


def test_ddpm_covariance_deficit_is_first_order():
    """By the recursion that whole runs are checked against: mean exact, covariance short by O(1 / steps)."""

    def deficit(steps: int) -> float:
        path = vp_path(steps)
        mean, covariance = chain(
            path, lambda level, target: ddim_step(G1, exact_gain, level, target, 1.0), exact_start(G1, path[0])
        )
        expected = exact_start(G1, path[-1])
        np.testing.assert_allclose(mean, expected[0], atol=1e-12)
        return float(np.abs(covariance - expected[1]).max())

    assert np.log2(deficit(400) / deficit(800)) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("kernel", [DDIMKernel(), EulerKernel(), DPMSolverKernel()], ids=repr)
def test_flow_and_vp_give_the_same_run(kernel: Kernel):
    """Flow levels are the variance-preserving ones times q = sqrt(a^2 + s^2): DDIM does not see the difference."""
    flow = flow_path(30)
    scaled = [(a / np.hypot(a, s), s / np.hypot(a, s)) for a, s in flow]
    errors = []
    for path in (flow, scaled):
        problem = average_problem(pixel_prior(G1, Levels(tuple(path))), G1)
        z = torch.ones(1, 1, 4, 1, 1, dtype=torch.float64) * np.hypot(*path[0])
        state = DiffusionState(z)
        sampler = Diffusion(kernel=kernel, guidance=ExactGuidance(), steps=30)
        for i in range(30):
            state, _ = sampler.step(problem, state, i, InjectedRandomness())
        errors.append(state.z.flatten().numpy() / np.hypot(*path[-1]))
    np.testing.assert_allclose(errors[0], errors[1], rtol=1e-10)


def test_the_stochastic_solver_begins_with_a_ddpm_step():
    level, target = (Levels(((0.6, 0.8), (0.8, 0.6))).at(i) for i in (0.0, 1.0))
    z = torch.linspace(-1, 1, 4, dtype=torch.float64).reshape(1, 1, 4, 1, 1)
    prediction = pixel_prior(G1).predict(z, level)
    rng = {(0, 0): torch.ones(1, 4, dtype=torch.float64)}
    one = DPMSolverKernel(stochastic=True).step(z, prediction, level, target, InjectedRandomness(rng))
    other = DDPMKernel().step(z, prediction, level, target, InjectedRandomness(rng))
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
