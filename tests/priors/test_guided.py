"""Guidance of a conditional prior: its formulas, its limits, its calls."""

from itertools import pairwise

import attrs
import numpy as np
import pytest
import torch

from invsolve import EDMSchedule, FlowSchedule, GaussianNoise, NoiseLevel, Prediction, Prior, Problem, SeededRandomness
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.testing import PriorChecks, Sizes
from invsolve_operators import TemporalAverage
from invsolve_priors import APG, CFG, CFGPlusPlus, ConditionalMixture, STDiT
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_samplers import DDIMKernel, DDPMKernel, DPMSolverKernel, EulerKernel
from tests.priors.guided_parts import KNOWN, NULL, Counted, latents, law, two_laws
from tests.priors.tiny_models import SPACE, write

HALF = NoiseLevel(a=0.6, s=0.8, time=500.0)
TWO = {"condition": KNOWN, "unconditional": NULL}


def flat(tensor: torch.Tensor) -> np.ndarray:
    return tensor.flatten(1).numpy()


class GuidedChecks(PriorChecks):
    sizes = Sizes(channels=(1,), frames=(2,), height=(1,), width=(1,), slack=(0,))


class TestConditionalMixture(GuidedChecks):
    def make(self) -> Prior:
        return two_laws()


class TestCFG(GuidedChecks):
    def make(self) -> Prior:
        return CFG(two_laws(), 3.0, 0.5, **TWO)


class TestCFGPlusPlus(GuidedChecks):
    def make(self) -> Prior:
        return CFGPlusPlus(two_laws(), **TWO)


class TestAPG(GuidedChecks):
    def make(self) -> Prior:
        return APG(two_laws(), 3.0, threshold=0.5, condition=KNOWN, unconditional=None)


@pytest.mark.parametrize("scale", [0.0, 0.5, 2.0, 7.5])
def test_cfg_is_a_line_through_both_predictions(scale: float):
    z = latents()
    found = CFG(two_laws(), scale, **TWO).predict(z, HALF)
    (null, null_eps), (known, known_eps) = (law(k, flat(z), HALF) for k in (0, 1))
    np.testing.assert_allclose(flat(found.z0), null + scale * (known - null), rtol=1e-12)
    np.testing.assert_allclose(flat(found.eps), null_eps + scale * (known_eps - null_eps), rtol=1e-12)
    np.testing.assert_allclose(flat(found.contrast.eps), scale * (known_eps - null_eps), rtol=1e-11)


@pytest.mark.parametrize("kind", [CFG, APG])
def test_scale_one_is_the_conditional_prior_in_one_call(kind):
    counted = Counted(two_laws())
    found = kind(counted, 1.0, **TWO).predict(latents(), HALF)
    assert counted.calls == [(3, True, False)]
    assert torch.equal(found.z0, two_laws().predict(latents(), HALF, torch.tensor([KNOWN] * 3)).z0)


def test_rescale_restores_the_spread_of_the_conditional_estimate():
    z = latents()
    plain, known = CFG(two_laws(), 5.0, **TWO).predict(z, HALF).z0, law(1, flat(z), HALF)[0]
    for rescale in (0.3, 1.0):
        found = CFG(two_laws(), 5.0, rescale, **TWO).predict(z, HALF)
        ratio = known.std(1, keepdims=True) / flat(plain).std(1, keepdims=True)
        np.testing.assert_allclose(flat(found.z0), flat(plain) * (1 - rescale + rescale * ratio), rtol=1e-12)
        np.testing.assert_allclose(HALF.a * found.z0 + HALF.s * found.eps, z, rtol=1e-12)


def test_apg_without_its_three_parts_is_cfg():
    z = latents()
    found = APG(two_laws(), 4.0, parallel=1.0, **TWO).predict(z, HALF)
    expected = CFG(two_laws(), 4.0, **TWO).predict(z, HALF)
    for one, other in ((found.z0, expected.z0), (found.eps, expected.eps), (found.contrast.eps, expected.contrast.eps)):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize(("parallel", "threshold"), [(0.0, None), (0.4, None), (0.4, 0.3), (0.0, 100.0)])
def test_apg_against_its_formula(parallel: float, threshold: float | None):
    z = latents()
    (null, _), (known, _) = (law(k, flat(z), HALF) for k in (0, 1))
    moved = flat(APG(two_laws(), 4.0, parallel, threshold, **TWO).predict(z, HALF).z0) - known
    for i in range(len(z)):
        difference = known[i] - null[i]
        if threshold is not None:
            difference = difference * min(1.0, threshold / np.linalg.norm(difference))
        along = known[i] * (difference @ known[i]) / (known[i] @ known[i])
        np.testing.assert_allclose(moved[i], 3.0 * (difference - along + parallel * along), rtol=1e-10)
        if parallel == 0:
            assert abs(moved[i] @ known[i]) < 1e-12


def test_apg_averages_over_the_steps():
    """The running average enters before the threshold, and is remembered without it."""
    prior = APG(two_laws(), 4.0, parallel=1.0, threshold=0.3, momentum=-0.5, **TWO)
    z, average = latents(), np.zeros((3, 2))
    memory = None
    for level in (HALF, NoiseLevel(0.8, 0.6, 300.0), NoiseLevel(0.9, 0.4, 100.0)):
        (null, _), (known, _) = (law(k, flat(z), level) for k in (0, 1))
        average = known - null - 0.5 * average
        kept = average * np.minimum(1.0, 0.3 / np.linalg.norm(average, axis=1, keepdims=True))
        found = prior.predict_after(memory, z, level)
        np.testing.assert_allclose(flat(found.z0), known + 3.0 * kept, rtol=1e-12)
        memory = found.memory
        np.testing.assert_allclose(flat(memory), average, rtol=1e-12)
    with pytest.raises(CapabilityError, match="keeps the prior's memory"):
        prior.predict(z, HALF)


def test_other_priors_have_no_memory():
    found = two_laws().predict_after(latents(seed=1), latents(), HALF)
    assert torch.equal(found.z0, two_laws().predict(latents(), HALF).z0)
    assert found.memory is None


@pytest.mark.parametrize("scale", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("schedule", [None, FlowSchedule(), EDMSchedule()], ids=["vp", "flow", "edm"])
def test_cfg_plus_plus_is_cfg_with_a_scale_that_varies(scale: float, schedule):
    """For deterministic DDIM: w = scale (a' s / a) / (a' s / a - s')."""
    prior = two_laws() if schedule is None else two_laws(schedule=schedule)
    levels = [level for level in prior.schedule.levels(8) if level.a > 0]
    z = latents()
    for level, target in pairwise(levels):
        reach = target.a * level.s / level.a
        found = CFGPlusPlus(prior, scale, **TWO).predict(z, level)
        other = CFG(prior, scale * reach / (reach - target.s), **TWO).predict(z, level)
        one, two = (
            DDIMKernel().step(z, prediction, level, target, SeededRandomness(0)) for prediction in (found, other)
        )
        np.testing.assert_allclose(one, two, rtol=1e-10)


def test_every_kernel_renoises_without_the_condition():
    """Also those that step from z: ddpm is DDIM with eta 1, dpm_solver DDIM with eta 0 or 1."""
    z, rng = latents(), SeededRandomness(0, ((0, 0), (0, 1), (0, 2)))
    level, target = NoiseLevel(0.6, 0.8, 500.0), NoiseLevel(0.8, 0.6, 300.0)
    found = CFGPlusPlus(two_laws(), **TWO).predict(z, level)
    (null, null_eps), (known, _) = (law(k, flat(z), level) for k in (0, 1))
    np.testing.assert_allclose(flat(found.z0), null + 0.6 * (known - null), rtol=1e-12)
    expected = 0.8 * flat(found.z0) + 0.6 * null_eps
    for kernel in (DDIMKernel(), EulerKernel(), DPMSolverKernel()):
        np.testing.assert_allclose(flat(kernel.step(z, found, level, target, rng)), expected, rtol=1e-12)
    ancestral = flat(DDIMKernel(1.0).step(z, found, level, target, rng.at(1)))
    for kernel in (DDPMKernel(), DPMSolverKernel(stochastic=True)):
        np.testing.assert_allclose(flat(kernel.step(z, found, level, target, rng.at(1))), ancestral, rtol=1e-12)


def problem(prior: Prior, condition: torch.Tensor | None = None) -> Problem:
    return Problem(
        operator=TemporalAverage(frames=2),
        observation=torch.tensor([0.7, -0.2, 0.4], dtype=torch.float64).reshape(3, 1, 1, 1, 1),
        prior=prior,
        noise=GaussianNoise(std=0.1),
        condition=condition,
    )


def traced_gradient(given: Problem, z: torch.Tensor) -> tuple[Prediction, torch.Tensor, torch.Tensor]:
    trace = given.trace(z, HALF)
    gradient = trace.pull(given.squared_residual_gradient(trace.video, trace.residual))
    return trace.prediction, gradient, trace.residual


@pytest.mark.parametrize("kind", [CFG, CFGPlusPlus, APG])
@pytest.mark.parametrize("gradient", ["guided", "conditional"])
def test_the_gradient_uses_the_prediction_it_is_told_to(kind, gradient: str):
    z = latents()
    prior = kind(two_laws(), 0.7, gradient=gradient, **TWO)
    prediction, found, residual = traced_gradient(problem(prior), z)
    leaf = z.clone().requires_grad_()
    used = prior.predict(leaf, HALF).z0 if gradient == "guided" else prior.conditional(leaf, HALF, None).z0
    loss = (problem(prior).observation - TemporalAverage(frames=2).forward(used)).square()
    np.testing.assert_allclose(found, torch.autograd.grad(loss.sum(), leaf)[0], rtol=1e-12)
    np.testing.assert_allclose(residual.square(), loss.detach(), rtol=1e-12)
    np.testing.assert_allclose(prediction.z0, prior.predict(z, HALF).z0, rtol=1e-12)
    in_chunks = traced_gradient(attrs.evolve(problem(prior), decode_frames=1), z)
    np.testing.assert_allclose(in_chunks[1], found, rtol=1e-12)


@pytest.mark.parametrize(
    ("gradient", "batched", "calls"),
    [
        ("guided", True, [(6, True, True)]),
        ("guided", False, [(3, True, True), (3, True, True)]),
        ("conditional", True, [(3, True, True), (3, True, False)]),
        ("conditional", False, [(3, True, True), (3, True, False)]),
    ],
)
def test_network_calls(gradient: str, batched: bool, calls):
    """One call of twice the batch, or two; no graph through a call that no gradient needs."""
    counted = Counted(two_laws())
    prior = CFG(counted, 2.0, gradient=gradient, batched=batched, **TWO)
    found = traced_gradient(problem(prior), latents())
    assert counted.calls == calls
    expected = traced_gradient(problem(attrs.evolve(prior, batched=not batched)), latents())
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)
    counted.calls.clear()
    problem(prior).predict(latents(), HALF)
    assert counted.calls == ([(6, True, False)] if batched else [(3, True, False)] * 2)


def test_the_contrast_stays_when_the_prediction_moves():
    found = CFGPlusPlus(two_laws(), gradient="conditional", **TWO).predict(latents(), HALF)
    for moved in (
        found.with_score(latents(seed=1), HALF),
        found.with_clean(latents(seed=1), HALF),
        found.with_clean(latents(seed=1), HALF, "original"),
        found.detach(),
    ):
        assert torch.equal(moved.contrast.eps, found.contrast.eps)
        assert torch.equal(moved.likelihood_point, found.likelihood_point)
        assert torch.equal(moved.start(latents()), found.start(latents()))
    assert not torch.equal(found.likelihood_point, found.z0)
    assert not torch.equal(found.start(latents()), latents())


def test_each_observation_has_its_own_condition():
    conditions = torch.tensor([KNOWN, NULL, (0.3, 0.7)], dtype=torch.float64)
    prior = CFG(two_laws(), 2.0, unconditional=NULL)
    found = problem(prior, conditions).predict(latents(), HALF).z0
    for i in range(3):
        alone = prior.predict(latents()[i : i + 1], HALF, conditions[i : i + 1]).z0
        np.testing.assert_allclose(found[i : i + 1], alone, rtol=1e-13)


def test_without_a_condition_at_all():
    """`unconditional=None` calls the prior without one: here the mixture of both laws."""
    z, counted = latents(), Counted(two_laws())
    found = CFG(counted, 3.0, condition=KNOWN, unconditional=None).predict(z, HALF)
    assert [call[:2] for call in counted.calls] == [(3, True), (3, False)]
    null, known = two_laws().predict(z, HALF), two_laws().predict(z, HALF, torch.tensor([KNOWN] * 3))
    np.testing.assert_allclose(found.z0, null.z0 + 3.0 * (known.z0 - null.z0), rtol=1e-12)


def test_conditions_of_a_space_time_transformer(tmp_path):
    sizes = STDiTConfiguration(channels=4, depth=1, width=16, heads=2, condition_vector=3)
    prior = STDiT(file=write(tmp_path / "conditional.safetensors", denoiser=sizes))
    condition = [[0.1, 0.5, -0.2], [0.3, 0.0, 1.0]]
    z = torch.randn(2, *prior.latent_shape(SPACE), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    level = prior.schedule.levels(4)[1]
    found = CFG(prior, 4.0, condition=condition).predict(z, level)
    known = torch.tensor(condition, dtype=torch.float64).expand(2, 2, 3)
    with_condition, without = (prior.predict(z, level, given) for given in (known, torch.zeros_like(known)))
    assert not torch.allclose(with_condition.z0, without.z0, rtol=1e-6)
    np.testing.assert_allclose(
        found.z0.detach(), (without.z0 + 4.0 * (with_condition.z0 - without.z0)).detach(), rtol=1e-9, atol=1e-12
    )


def test_misuse():
    with pytest.raises(CapabilityError, match="CFG has no condition"):
        CFG(two_laws()).predict(latents(), HALF)
    with pytest.raises(CapabilityError, match="both the problem and CFG"):
        CFG(two_laws(), condition=KNOWN).predict(latents(), HALF, torch.ones(3, 2))
    with pytest.raises(SpaceError, match=r"`unconditional` has shape \(3,\)"):
        CFG(two_laws(), condition=KNOWN, unconditional=(1, 0, 0)).predict(latents(), HALF)
    with pytest.raises(ComponentError, match="3 axes"):
        CFG(two_laws(), condition=[[[1.0]]])
    with pytest.raises(ComponentError, match="rows of equal length"):
        CFG(two_laws(), condition=[[1.0], [1.0, 2.0]])
    with pytest.raises(ComponentError, match=r"values from 0 to 0"):
        two_laws().predict(latents(), HALF, torch.zeros(3, 2))
    with pytest.raises(ComponentError, match="GaussianMixture"):
        ConditionalMixture(two_laws())
