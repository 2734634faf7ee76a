"""What must not change a run: the output parameterisation, chunked decoding; and what a step costs in network calls."""

from typing import Any

import attrs
import numpy as np
import pytest
import torch
from torch import Tensor

from invsolve import (
    DiscreteSchedule,
    FlowSchedule,
    GaussianNoise,
    Guidance,
    NoiseLevel,
    Prediction,
    Prior,
    Problem,
    Sampler,
    SeededRandomness,
    VideoSpace,
    solve,
)
from invsolve.plugin import Catalog
from invsolve_operators import TemporalAverage
from invsolve_samplers import (
    DPS,
    DDIMKernel,
    DDNMGuidance,
    DDNMPlusGuidance,
    DDPMKernel,
    DDRMGuidance,
    DDSGuidance,
    DiffPIRGuidance,
    Diffusion,
    DPMSolverKernel,
    DPSGuidance,
    DSGGuidance,
    EulerKernel,
    ExactGuidance,
    FlowChefGuidance,
    FlowDPSGuidance,
    FreeDoMGuidance,
    GaussNewtonGuidance,
    GMLDPSGuidance,
    HeunKernel,
    LGDMCGuidance,
    MPGDGuidance,
    NoGuidance,
    OTODEGuidance,
    PiGDMGuidance,
    PSLDGuidance,
    RenoiseKernel,
    TMPDGuidance,
)
from tests.samplers.analytic import average_problem, pixel_prior
from tests.samplers.gaussian_oracle import G2
from tests.samplers.one_step import latent, latent_problem

NOISY = attrs.evolve(G2, sigma=1.0)  # so that every rule is stable in a few steps

RULES: list[Guidance] = [
    NoGuidance(),
    DPSGuidance(),
    DPSGuidance(0.05, "bayes"),
    PiGDMGuidance(),
    TMPDGuidance(),
    DDNMGuidance(),
    DiffPIRGuidance(),
    MPGDGuidance(),
    LGDMCGuidance(draws=2),
    FreeDoMGuidance(),
    DSGGuidance(),
    PSLDGuidance(),
    GMLDPSGuidance(),
    FlowDPSGuidance(),
    FlowChefGuidance(0.1),
    ExactGuidance(),
    DDSGuidance(),
    GaussNewtonGuidance(),
]
OF_PIXELS: list[Guidance] = [DDRMGuidance(), DDNMPlusGuidance()]
APART = {
    "ddrm": "not defined for latents: among OF_PIXELS",
    "ddnm_plus": "not defined for latents: among OF_PIXELS",
    "ot_ode": "it is for flow levels, which are tested by themselves",
}
"""Rules that are not in the list, and why."""
DECODING = [rule for rule in RULES if not isinstance(rule, NoGuidance | DDNMGuidance | DiffPIRGuidance)]


def latents(problem: Problem, sampler: Sampler[Any]) -> np.ndarray:
    return solve(problem, sampler, seed=0, samples=2).latent.numpy()


def test_no_rule_is_forgotten():
    listed = {type(rule) for rule in RULES}
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": "samplers"})
    assert {name for name in catalog.names("guidance") if catalog.load("guidance", name) not in listed} == set(APART)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_parameterisations_of_one_prior_give_one_run(rule: Guidance):
    sampler = Diffusion(guidance=rule, steps=6)
    outputs = ("clean", "eps", "v", "score")
    clean, *others = (latents(average_problem(pixel_prior(NOISY, None, output), NOISY), sampler) for output in outputs)
    for other in others:
        np.testing.assert_allclose(other, clean, rtol=1e-8, atol=1e-10)


def test_flow_parameterisation_gives_the_same_run():
    sampler = Diffusion(kernel=EulerKernel(), guidance=OTODEGuidance(), steps=6)
    clean, flow = (
        latents(average_problem(pixel_prior(G2, FlowSchedule(), output), G2), sampler) for output in ("clean", "flow")
    )
    np.testing.assert_allclose(flow, clean, rtol=1e-8)


@pytest.mark.parametrize("rule", [*RULES, *OF_PIXELS], ids=repr)
@pytest.mark.parametrize(
    "schedule", [DiscreteSchedule(zero_terminal_snr=True), FlowSchedule()], ids=["zero-SNR", "flow"]
)
def test_starting_from_pure_noise_is_finite(rule: Guidance, schedule):
    """a = 0 at the first step: no rule and no kernel divides by it."""
    output = "flow" if isinstance(schedule, FlowSchedule) else "v"
    problem = average_problem(pixel_prior(NOISY, schedule, output), NOISY)
    assert np.isfinite(latents(problem, Diffusion(guidance=rule, steps=4))).all()


@pytest.mark.parametrize(
    "kernel",
    [
        DDPMKernel("large"),
        DDIMKernel(0.5),
        RenoiseKernel(),
        EulerKernel(),
        HeunKernel(),
        DPMSolverKernel(stochastic=True),
    ],
    ids=repr,
)
def test_kernels_from_pure_noise(kernel):
    for schedule, output in ((DiscreteSchedule(zero_terminal_snr=True), "v"), (FlowSchedule(), "flow")):
        problem = average_problem(pixel_prior(G2, schedule, output), G2)
        assert np.isfinite(latents(problem, Diffusion(kernel, ExactGuidance(), 4))).all()


class PerFrame(Prior):
    """A non-linear decoder of frames alone: each latent frame of 2 x 3 becomes a picture of 4 x 6; counts its calls."""

    decodes_frames_alone = True
    schedule = DiscreteSchedule()

    def __init__(self) -> None:
        self.decoded: list[int] = []

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        return (2, space.frames, space.height // 2, space.width // 2)

    def encode(self, video: Tensor) -> Tensor:
        small = torch.nn.functional.avg_pool3d(video, (1, 2, 2))
        return torch.cat([small[:, :1], small[:, 1:].mean(1, keepdim=True)], dim=1)

    def decode(self, z: Tensor) -> Tensor:
        self.decoded.append(z.shape[2])
        large = z.repeat_interleave(2, dim=3).repeat_interleave(2, dim=4)
        return torch.cat([large[:, :1].tanh(), large.prod(1, keepdim=True).sin(), large[:, 1:].sigmoid()], dim=1)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        return Prediction.from_clean(z, level.a / (level.a**2 + level.s**2) * z + 0.1 * z.roll(1, 2).sin(), level)


@pytest.mark.parametrize("rule", DECODING, ids=repr)
def test_chunked_decoding_changes_nothing(rule: Guidance):
    """Two passes over chunks of frames give what one pass gives."""
    results = []
    for chunk in (None, 2):
        prior = PerFrame()
        problem = Problem(
            operator=TemporalAverage(frames=5),
            observation=torch.as_tensor(np.random.default_rng(1).uniform(size=(2, 3, 1, 4, 6))),
            prior=prior,
            noise=GaussianNoise(std=0.2),
            space=VideoSpace(frames=5, height=4, width=6, transfer="linear"),
            decode_frames=chunk,
        )
        z = torch.as_tensor(np.random.default_rng(2).standard_normal((2, 2, 5, 2, 3)))
        level, target = DiscreteSchedule().levels(4)[1:3]
        guided = rule.step(problem, DDIMKernel(), z, level, target, SeededRandomness(0, ((0, 0), (1, 0))))
        results.append((guided.z, guided.info["misfit"]))
        if chunk is not None:
            assert max(prior.decoded) == chunk
    torch.testing.assert_close(results[1][0], results[0][0], rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(results[1][1], results[0][1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("sampler", "calls"),
    [
        (DPS(steps=7), 7),
        (Diffusion(HeunKernel(), PiGDMGuidance(), 7), 13),
        (Diffusion(DPMSolverKernel(), PiGDMGuidance(), 7), 7),
        (Diffusion(DDPMKernel(), TMPDGuidance(), 7), 7),
        (Diffusion(DDPMKernel(), LGDMCGuidance(draws=3), 7), 7),
        (Diffusion(DDPMKernel(), DDRMGuidance(), 7), 7),
        (Diffusion(DDPMKernel(), FreeDoMGuidance(repeats=3, window=(0.0, 1.0)), 7), 21),
    ],
    ids=["dps", "heun", "dpm_solver", "tmpd", "lgd_mc", "ddrm", "freedom"],
)
def test_network_calls(sampler: Sampler[Any], calls: int):
    prior = pixel_prior(NOISY)
    solve(average_problem(prior, NOISY), sampler, seed=0)
    assert len(prior.calls) == calls


def test_dps_takes_one_vector_jacobian_product_a_step():
    backward = []

    class Counted(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, z: Tensor) -> Tensor:
            return z.clone()

        @staticmethod
        def backward(context: Any, gradient: Tensor) -> Tensor:
            backward.append(1)
            return gradient

    class Watched(PerFrame):
        def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
            return super().predict(Counted.apply(z), level, condition)

    problem = Problem(
        operator=TemporalAverage(frames=5),
        observation=torch.full((1, 3, 1, 4, 6), 0.5),
        prior=Watched(),
        space=VideoSpace(frames=5, height=4, width=6, transfer="linear"),
    )
    solve(problem, DPS(steps=6), seed=0)
    assert len(backward) == 6


def test_a_vanishing_scale_is_no_guidance():
    problem = average_problem(pixel_prior(G2), G2)
    plain = latents(problem, Diffusion(guidance=NoGuidance(), steps=5))
    for rule in (DPSGuidance(1e-14), FreeDoMGuidance(1e-14), FlowChefGuidance(1e-14), MPGDGuidance(1e-14)):
        np.testing.assert_allclose(latents(problem, Diffusion(guidance=rule, steps=5)), plain, atol=1e-10)


def test_the_estimate_of_every_state_is_a_clean_one():
    """Before the first step and for rules that step by themselves it is the prior's prediction."""
    problem = average_problem(pixel_prior(G2), G2)
    for rule in (PiGDMGuidance(), DDRMGuidance()):
        sampler = Diffusion(guidance=rule, steps=3)
        rng = SeededRandomness(0)
        state = sampler.init(problem, rng)
        level = problem.prior.schedule.levels(3)[0]
        expected = problem.predict(state.z, level).z0
        torch.testing.assert_close(sampler.estimate(problem, state), expected)
        for i in range(3):
            state, _ = sampler.step(problem, state, i, rng.at(i))
            assert sampler.estimate(problem, state).abs().max() < 10
        torch.testing.assert_close(sampler.estimate(problem, state), state.z)


def test_latent_problems_run_end_to_end():
    prior, oracle = latent()
    solution = solve(latent_problem(prior), Diffusion(guidance=TMPDGuidance(), steps=30), seed=0, samples=4)
    assert solution.video.shape == (4, 1, 1, 4, 1, 1)
    mean, covariance = oracle.posterior
    spread = 6 * np.sqrt(np.diag(covariance)) + 0.1
    assert (np.abs(solution.latent.reshape(4, 3).numpy() - mean) < spread).all()
