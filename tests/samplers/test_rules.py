"""L1 for the rules without a closed-form posterior: each against the formula of its paper, written out."""

import attrs
import numpy as np
import pytest
import torch

from invsolve import NoiseLevel, PoissonGaussianNoise, PoissonNoise, SeededRandomness
from invsolve.errors import CapabilityError
from invsolve.testing.probing import InjectedRandomness
from invsolve_operators import CameraResponse
from invsolve_samplers import (
    DDNMGuidance,
    DDSGuidance,
    DiffPIRGuidance,
    DPSGuidance,
    DSGGuidance,
    EulerKernel,
    ExactGuidance,
    FlowChefGuidance,
    FlowDPSGuidance,
    FreeDoMGuidance,
    GMLDPSGuidance,
    LGDMCGuidance,
    MPGDGuidance,
    OTODEGuidance,
    PiGDMGuidance,
    PSLDGuidance,
    TMPDGuidance,
)
from invsolve_samplers.guidance.freedom import travel
from invsolve_samplers.moves.transition import Bridge
from tests.samplers.analytic import AnalyticPrior, average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G1, G2, Array, pigdm_gain
from tests.samplers.one_step import HALF, NEXT, POINT, Seen, latent, latent_problem, one_step, step_on

CLEAN = G2.clean(POINT, HALF.a, HALF.s)
EPS = (POINT - HALF.a * CLEAN) / HALF.s
RESIDUAL = G2.y - G2.A @ CLEAN
JACOBIAN = G2.jacobian(HALF.a, HALF.s)
PINV = np.linalg.pinv(G2.A)
DDNM = CLEAN + PINV @ RESIDUAL
FLOW = NoiseLevel(a=0.4, s=0.6, time=0.6)
FLOW_NEXT = NoiseLevel(a=0.5, s=0.5, time=0.5)


def test_ddnm():
    step = one_step(DDNMGuidance(), G2, POINT)
    np.testing.assert_allclose(step.z0, (1.74052642, 0.31684787, -0.14795121, 0.89057692), atol=6e-9)
    np.testing.assert_allclose(step.z0, DDNM, rtol=1e-12)
    np.testing.assert_allclose(step.eps, EPS, rtol=1e-12)
    consistent = one_step(DDNMGuidance(eps="consistent"), G2, POINT)
    np.testing.assert_allclose(consistent.eps, (POINT - HALF.a * DDNM) / HALF.s, rtol=1e-10)


def test_ddnm_in_a_latent_space_decodes_projects_and_encodes():
    prior, _ = latent()
    z = np.array([0.3, -1.0, 0.2])
    step = step_on(DDNMGuidance(), latent_problem(prior), z)
    clean = prior.predict(column(z), HALF).z0.flatten().numpy()
    video = prior.B @ clean + prior.c
    projected = video + np.linalg.pinv(G1.A) @ (G1.y - G1.A @ video)
    np.testing.assert_allclose(step.z0, np.linalg.pinv(prior.B) @ (projected - prior.c), rtol=1e-10)


def test_dds():
    """One iteration is the step of steepest descent; more of them end in the projection."""
    step = one_step(DDSGuidance(iterations=1), G2, POINT)
    direction = G2.A.T @ RESIDUAL
    length = (direction @ direction) / np.sum((G2.A @ direction) ** 2)
    np.testing.assert_allclose(step.z0, CLEAN + length * direction, rtol=1e-12)
    np.testing.assert_allclose(step.eps, EPS, rtol=1e-12)
    np.testing.assert_allclose(one_step(DDSGuidance(iterations=3), G2, POINT).z0, DDNM, rtol=1e-10)


def diffpir(variance: float) -> Array:
    """z0 + r2 w r / (sigma^2 + r2 ||w||^2): the closed form of the temporal average."""
    w = G2.A[0]
    return CLEAN + variance * w * RESIDUAL[0] / (G2.sigma**2 + variance * (w @ w))


def test_diffpir():
    step = one_step(DiffPIRGuidance(weight=1.0), G2, POINT)
    np.testing.assert_allclose(step.z0, (1.72094351, 0.29726497, -0.16753412, 0.87099402), atol=6e-9)
    np.testing.assert_allclose(step.z0, diffpir((HALF.s / HALF.a) ** 2), rtol=1e-12)
    np.testing.assert_allclose(step.eps, (POINT - HALF.a * step.z0) / HALF.s, rtol=1e-10)
    heavier = one_step(DiffPIRGuidance(weight=7.0), G2, POINT)
    np.testing.assert_allclose(heavier.z0, diffpir((HALF.s / HALF.a) ** 2 / 7), rtol=1e-12)


def test_diffpir_prior_aware_is_exact_for_its_variance():
    oracle = attrs.evolve(G2, C=0.3 * np.eye(4))
    aware = one_step(DiffPIRGuidance(prior_variance=0.3), oracle, POINT)
    np.testing.assert_allclose(aware.z0, one_step(ExactGuidance(), oracle, POINT).z0, rtol=1e-12)


def test_diffpir_at_pure_noise_takes_the_projection():
    level = NoiseLevel(0.0, 1.0, 1.0)
    clean = G2.clean(POINT, 0.0, 1.0)
    step = one_step(DiffPIRGuidance(), G2, POINT, level)
    np.testing.assert_allclose(step.z0, clean + PINV @ (G2.y - G2.A @ clean), rtol=1e-12)


def test_tmpd_row_sums_are_exact_for_one_measurement():
    exact, cheap = (one_step(TMPDGuidance(mode=mode), G2, POINT).z0 for mode in ("full", "row_sum"))
    np.testing.assert_allclose(cheap, exact, rtol=1e-10)


def test_mpgd():
    step = one_step(MPGDGuidance(scale=0.7), G2, POINT)
    direction = G2.A.T @ (RESIDUAL / np.linalg.norm(RESIDUAL))
    np.testing.assert_allclose(step.z0, CLEAN + 0.7 / NEXT.a * direction, rtol=1e-12)
    np.testing.assert_allclose(step.eps, EPS, rtol=1e-12)
    np.testing.assert_allclose(one_step(MPGDGuidance(2.0, "squared"), G2, POINT).z0, DDNM, rtol=1e-12)


def test_flow_chef():
    step = one_step(FlowChefGuidance(scale=3.0), G2, POINT)
    np.testing.assert_allclose(step.moved, 2 * 3.0 * G2.A.T @ RESIDUAL, rtol=1e-12)
    np.testing.assert_allclose(step.z0, CLEAN, rtol=1e-12)


@pytest.mark.parametrize("iterations", [1, 3])
def test_flow_dps(iterations: int):
    step = one_step(FlowDPSGuidance(iterations, 0.5), G2, POINT, FLOW, target=FLOW_NEXT)
    clean = G2.clean(POINT, FLOW.a, FLOW.s)
    corrected = clean + (1 - 0.5**iterations) * PINV @ (G2.y - G2.A @ clean)
    np.testing.assert_allclose(step.z0, 0.4 * clean + 0.6 * corrected, rtol=1e-12)
    noise = SeededRandomness(0).normal(column(POINT)).flatten().numpy()
    eps = (POINT - FLOW.a * clean) / FLOW.s
    mixed = np.sqrt(0.5) * eps + np.sqrt(0.5) * noise
    np.testing.assert_allclose(step.eps, mixed, rtol=1e-12)
    problem = average_problem(pixel_prior(G2), G2)
    rule = FlowDPSGuidance(iterations, 0.5)
    moved = rule.step(problem, EulerKernel(), column(POINT), FLOW, FLOW_NEXT, SeededRandomness(0)).z
    np.testing.assert_allclose(moved.flatten().numpy(), 0.5 * step.z0 + 0.5 * mixed, rtol=1e-12)


def test_ot_ode_velocity():
    """u' = u - t/(1-t) g, r2 = t^2 / ((1-t)^2 + t^2)."""
    t = 0.6
    step = one_step(OTODEGuidance(), G2, POINT, FLOW, target=FLOW_NEXT)
    clean = G2.clean(POINT, 1 - t, t)
    velocity = (POINT - (1 - t) * clean) / t - clean
    r2 = t * t / ((1 - t) ** 2 + t * t)
    solved = np.linalg.inv(r2 * G2.A @ G2.A.T + G2.noise) @ (G2.y - G2.A @ clean)
    score = G2.jacobian(1 - t, t).T @ G2.A.T @ solved
    np.testing.assert_allclose(step.eps - step.z0, velocity - t / (1 - t) * score, rtol=1e-12)
    with pytest.raises(CapabilityError, match="flow levels"):
        one_step(OTODEGuidance(), G2, POINT, HALF)


def test_freedom_with_one_repeat_is_dps():
    for rule, factor in (("constant", 1.0), ("annealed", HALF.a)):
        step = one_step(FreeDoMGuidance(scale=0.6, rule=rule), G2, POINT)
        expected = one_step(DPSGuidance(scale=0.6 * factor, convention="unsquared"), G2, POINT)
        np.testing.assert_allclose(step.moved, expected.moved, rtol=1e-14)


def test_freedom_repeats_inside_the_window_only():
    prior = pixel_prior(G2)
    problem = average_problem(prior, G2)
    rule = FreeDoMGuidance(repeats=4, window=(0.0, 0.5))
    for level, calls in ((NoiseLevel(0.3, 0.9, 0.0), 4), (HALF, 1)):
        prior.calls.clear()
        rule.step(problem, Seen(), column(POINT), level, NEXT, SeededRandomness(0))
        assert len(prior.calls) == calls


def test_time_travel_keeps_the_marginal_law():
    level, target = NoiseLevel(0.3, 0.9, 1.0), NoiseLevel(0.5, 0.8, 0.0)
    z = column(np.zeros(1))
    kept = float(travel(z + 1, level, target, InjectedRandomness()))
    drawn = float(travel(z, level, target, InjectedRandomness({(0, 0): torch.ones(1, 1)})))
    assert kept * target.a == pytest.approx(level.a)
    assert (kept * target.s) ** 2 + drawn**2 == pytest.approx(level.s**2)


@pytest.mark.parametrize("rate", [0.0, 0.2, 1.0])
def test_dsg_stays_on_the_sphere(rate: float):
    problem = average_problem(pixel_prior(G2), G2)
    moved = DSGGuidance(rate=rate).step(problem, Seen(), column(POINT), HALF, NEXT, SeededRandomness(0)).z
    bridge = Bridge.between(HALF, NEXT)
    away = moved.flatten().numpy() - bridge.mean(column(CLEAN), column(POINT)).flatten().numpy()
    radius = 2 * bridge.std
    assert np.linalg.norm(away) == pytest.approx(radius, rel=1e-12)
    descent = JACOBIAN.T @ G2.A.T @ RESIDUAL
    noise = SeededRandomness(0).normal(column(POINT)).flatten().numpy()
    if rate == 1.0:
        np.testing.assert_allclose(away, radius * descent / np.linalg.norm(descent), rtol=1e-10)
    elif rate == 0.0:
        np.testing.assert_allclose(away, radius * noise / np.linalg.norm(noise), rtol=1e-10)
    else:
        mixed = bridge.std * noise * (1 - rate) + rate * radius * descent / np.linalg.norm(descent)
        np.testing.assert_allclose(away, radius * mixed / np.linalg.norm(mixed), rtol=1e-10)


Z3 = np.array([0.3, -1.0, 0.2])


def latent_numbers() -> tuple[AnalyticPrior, Array, Array, Array, Array]:
    """The prior, the decoded clean estimate, the residual, J and the unit residual."""
    prior, oracle = latent()
    clean = oracle.clean(Z3, HALF.a, HALF.s)
    video = prior.B @ clean + prior.c
    residual = G1.y - G1.A @ video
    return prior, clean, video, residual, oracle.jacobian(HALF.a, HALF.s)


def test_latent_dps():
    prior, _, _, residual, jacobian = latent_numbers()
    step = step_on(DPSGuidance(scale=0.6, convention="unsquared"), latent_problem(prior), Z3)
    expected = 0.6 * jacobian.T @ prior.B.T @ G1.A.T @ residual / np.linalg.norm(residual)
    np.testing.assert_allclose(step.moved, expected, rtol=1e-10)


def test_gml_dps_is_latent_dps_where_the_encoder_inverts_the_decoder():
    prior, *_ = latent_numbers()
    gml = step_on(GMLDPSGuidance(scale=0.6, gluing=0.3), latent_problem(prior), Z3)
    dps = step_on(DPSGuidance(scale=0.6, convention="unsquared"), latent_problem(prior), Z3)
    np.testing.assert_allclose(gml.moved, dps.moved, rtol=1e-10)


def test_psld_term():
    """+ gamma J^T (E A^+ A B)^T q / ||q||, q = E A^+ r."""
    prior, _, _, residual, jacobian = latent_numbers()
    encoder, pinv = np.linalg.pinv(prior.B), np.linalg.pinv(G1.A)
    q = encoder @ pinv @ residual
    term = jacobian.T @ (encoder @ pinv @ G1.A @ prior.B).T @ q / np.linalg.norm(q)
    dps = step_on(DPSGuidance(scale=0.6, convention="unsquared"), latent_problem(prior), Z3)
    psld = step_on(PSLDGuidance(scale=0.6, gluing=0.3), latent_problem(prior), Z3)
    np.testing.assert_allclose(psld.moved - dps.moved, 0.3 * term, rtol=1e-9)


def test_gml_term_of_an_encoder_that_does_not_invert():
    """- gamma J^T (E B - I)^T q / ||q||, q = E(D(z0)) - z0, with an encoder scaled by 1.5."""
    prior, clean, video, _, jacobian = latent_numbers()
    loose = attrs.evolve(prior, encoder=1.5 * np.linalg.pinv(prior.B))
    q = loose.encoder @ (video - prior.c) - clean
    term = -jacobian.T @ (loose.encoder @ prior.B - np.eye(3)).T @ q / np.linalg.norm(q)
    dps = step_on(DPSGuidance(scale=0.6, convention="unsquared"), latent_problem(prior), Z3)
    gml = step_on(GMLDPSGuidance(scale=0.6, gluing=0.3), latent_problem(loose), Z3)
    np.testing.assert_allclose(gml.moved - dps.moved, 0.3 * term, rtol=1e-9)


def test_lgd_mc_goes_to_pigdm_with_many_draws():
    problem = average_problem(pixel_prior(G2), G2, count=48)
    rng = SeededRandomness(0, tuple((0, i) for i in range(48)))
    kernel = Seen()
    LGDMCGuidance(draws=300).step(problem, kernel, column(POINT).repeat(48, 1, 1, 1, 1), HALF, NEXT, rng)
    found = kernel.prediction.z0.reshape(48, 4).numpy()
    expected = CLEAN + pigdm_gain(G2, HALF.a, HALF.s) @ RESIDUAL
    bound = 5 * found.std(axis=0) / np.sqrt(48) + 0.01 * np.abs(expected - CLEAN)
    assert (np.abs(found.mean(axis=0) - expected) < bound).all()
    dps = one_step(DPSGuidance(convention="bayes"), G2, POINT).z0
    assert (np.abs(found.mean(axis=0) - dps) > 10 * bound).all()


@pytest.mark.parametrize(
    "noise", [PoissonNoise(gain=0.05), PoissonGaussianNoise(gain=0.05, std=0.1)], ids=lambda n: type(n).__name__
)
@pytest.mark.parametrize("response", [False, True], ids=["linear", "camera response"])
def test_other_likelihoods(noise, response: bool):
    """DPS with the Bayes step against the gradient of the log-likelihood in one pass."""
    oracle = attrs.evolve(G1, mu=np.full(4, 0.6))
    problem = attrs.evolve(average_problem(pixel_prior(oracle), oracle), noise=noise)
    if response:
        problem = attrs.evolve(problem, operator=CameraResponse(curve="gamma:2.2") @ problem.operator)
    z = column(np.full(4, 0.5)).requires_grad_()
    z0 = problem.prior.predict(z, HALF).z0
    loss = noise.negative_log_likelihood(problem.observation, problem.operator(z0))
    (score,) = torch.autograd.grad(-loss.sum(), z)
    expected = z0.detach() + HALF.s**2 / HALF.a * score
    kernel = Seen()
    DPSGuidance(convention="bayes").step(problem, kernel, z, HALF, NEXT, SeededRandomness(0))
    torch.testing.assert_close(kernel.prediction.z0, expected, rtol=1e-10, atol=1e-12)


def test_lgd_mc_is_the_gradient_of_the_averaged_likelihood():
    noise = PoissonGaussianNoise(gain=0.05, std=0.1)
    problem = attrs.evolve(average_problem(pixel_prior(G1), G1), noise=noise)
    z = column(np.full(4, 0.5)).requires_grad_()
    rng = SeededRandomness(0)
    radius = HALF.s / np.hypot(HALF.a, HALF.s)
    z0 = problem.prior.predict(z, HALF).z0
    points = [z0 + radius * rng.normal(z0) for _ in range(3)]
    losses = torch.stack([-noise.negative_log_likelihood(problem.observation, problem.operator(x)) for x in points])
    (score,) = torch.autograd.grad(torch.logsumexp(losses, dim=0).sum(), z)
    kernel = Seen()
    LGDMCGuidance(draws=3).step(problem, kernel, z, HALF, NEXT, SeededRandomness(0))
    torch.testing.assert_close(kernel.prediction.z0, z0.detach() + HALF.s**2 / HALF.a * score, rtol=1e-10, atol=1e-12)


def test_flow_rule_is_the_vp_rule_after_a_change_of_variables():
    """a = (1 - t)/q, s = t/q, z -> z/q with q = sqrt((1 - t)^2 + t^2): the clean estimate is the same."""
    q = np.hypot(FLOW.a, FLOW.s)
    vp = NoiseLevel(FLOW.a / q, FLOW.s / q, 0.0)
    for rule in (PiGDMGuidance(), ExactGuidance(), DDNMGuidance(), DiffPIRGuidance()):
        flow, scaled = one_step(rule, G2, POINT, FLOW), one_step(rule, G2, POINT / q, vp)
        np.testing.assert_allclose(flow.z0, scaled.z0, rtol=1e-10)
