"""Our DDIM trajectories are those of azula's own samplers, on the same network, start and times."""

import math
from itertools import pairwise

import pytest
import torch
from azula import denoise, linalg, noise, sample
from azula.plugins import adm, edm
from torch import nn

from invsolve.randomness import SeededRandomness
from invsolve_azula import Azula, AzulaElucidated, AzulaRectified, AzulaVP, from_azula
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.given import GivenSchedule, converted
from invsolve_samplers import DDIMKernel

STEPS = 6


def start(*shape):
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def ours(prior, x):
    kernel, rng, z = DDIMKernel(), SeededRandomness(0, ((0, 0), (1, 0))), x[:, :, None]
    times = torch.linspace(1, 0, STEPS + 1, dtype=torch.float64).tolist()
    with torch.no_grad():
        for level, target in pairwise([prior.schedule.at(time) for time in times]):
            z = kernel.step(z, prior.predict(z, level), level, target, rng)
    return z[:, :, 0]


def agree(prior, denoiser, x, kinds=(sample.DDIMSampler,), **conditions):
    for kind in kinds:
        with torch.compiler.set_stance("force_eager"):
            expected = kind(denoiser, steps=STEPS, silent=True, dtype=torch.float64)(x, **conditions)
        found = ours(prior, x)
        assert float((found - expected).abs().max()) < 1e-5 * float(expected.abs().max())
        assert float((found - x).abs().max()) > 0.1  # it went somewhere


def test_adm(tiny):
    levels = AzulaVP(
        alpha_min=0.1, sigma_min=0.01
    )  # at 0.01 the rounding of the network in float32 grows a hundredfold
    network = Azula(tiny("adm")).file.network()
    for clip in (True, False):
        schedule = noise.VPSchedule(alpha_min=0.1, sigma_min=0.01)
        theirs = adm.AblatedDenoiser(network, schedule, clip_mean=clip, learn_var=True).eval()
        theirs.sigmas = theirs.sigmas.double()  # it looks times up in the precision of the picture
        agree(Azula(tiny("adm"), noise_levels=levels, clip=clip), theirs, start(3, 8, 8))
    agree(from_azula(theirs), theirs, start(3, 8, 8))


class Preconditioned(nn.Module):
    """EDM's precondition, as its authors' class has it around the network."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x, sigma, class_labels=None):
        sigma = sigma.reshape(-1, 1, 1, 1)
        c_in, c_skip = 1 / (0.25 + sigma**2).sqrt(), 0.25 / (sigma**2 + 0.25)
        times = (sigma.flatten().log() / 4).expand(len(x))
        output = self.network(c_in * x, times, class_labels.expand(len(x), -1))
        return c_skip * x + 0.5 * sigma * c_in * output


@pytest.mark.parametrize("name", ["edm", "edm2"])
def test_edm_and_edm2(tiny, name):
    prior = Azula(tiny(name), noise_levels=AzulaElucidated(), label=2)
    theirs = edm.ElucidatedDenoiser(Preconditioned(prior.file.network())).eval()
    label = torch.tensor([[0.0, 0.0, 1.0]])
    agree(prior, theirs, 80 * start(3, 8, 8), label=label)
    agree(from_azula(theirs, conditions={"label": label}), theirs, 80 * start(3, 8, 8), label=label)


@pytest.mark.slow
def test_jit(tiny):
    prior = Azula(tiny("jit"), noise_levels=AzulaRectified())
    theirs = azula_module("plugins.jit").JITDenoiser(prior.file.network(), num_classes=5).eval()
    agree(prior, theirs, start(3, 8, 8))
    agree(Azula(tiny("jit"), noise_levels=AzulaRectified(), label=3), theirs, start(3, 8, 8), label=torch.tensor(3))


class Network(nn.Module):
    """A small network that is told the noise level."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.mix = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x, time):
        return torch.tanh(self.mix(x) + time.reshape(-1, 1, 1, 1) / 10)


SCHEDULES = [
    noise.VESchedule(sigma_min=0.01, sigma_max=50.0),
    noise.VPSchedule(alpha_min=0.02, sigma_min=0.03),
    noise.CosineSchedule(alpha_min=0.02, sigma_min=0.03),
    noise.RectifiedSchedule(alpha_min=0.02, sigma_min=0.03),
    noise.DecaySchedule(alpha_min=0.02, sigma_min=0.03, gamma=0.2),
    edm.ElucidatedSchedule(sigma_min=0.01, sigma_max=50.0, rho=5.0),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda each: type(each).__name__)
def test_denoisers_of_ones_own_under_every_schedule(schedule):
    denoiser = denoise.KarrasDenoiser(Network(), schedule).eval().requires_grad_(False)
    prior = from_azula(denoiser)
    assert type(prior.schedule).__name__ == f"Azula{type(schedule).__name__.removesuffix('Schedule')}"
    both = (sample.DDIMSampler, sample.EulerSampler)
    agree(prior, denoiser, float(schedule(torch.tensor(1.0))[1]) * start(3, 4, 5), kinds=both)


def test_a_schedule_and_a_denoiser_of_ones_own():
    class Bent(noise.Schedule):
        def __call__(self, t):
            return torch.cos(1.5 * t), torch.sin(0.01 + 1.5 * t**2)

    denoiser = denoise.SimpleDenoiser(Network(), Bent()).eval().requires_grad_(False)
    prior = from_azula(denoiser)
    assert isinstance(prior.schedule, GivenSchedule)
    level = prior.schedule.at(0.5)
    assert (level.a, level.s) == pytest.approx((math.cos(0.75), math.sin(0.385)), abs=1e-15)
    agree(prior, denoiser, start(3, 4, 5))


def test_velocity(torchvision):
    from azula.plugins.vdm import VelocityDenoiser

    denoiser = VelocityDenoiser(Network()).eval().requires_grad_(False)
    agree(from_azula(denoiser), denoiser, start(3, 4, 5))


def test_a_normal_law_in_float64():
    variance = torch.linspace(0.1, 0.4, 12, dtype=torch.float64).reshape(3, 2, 2)
    law = denoise.GaussianDenoiser(
        torch.full((3, 2, 2), 0.2, dtype=torch.float64),
        linalg.covariance.DiagonalCovariance(variance),
        noise.RectifiedSchedule(),
    ).eval()
    prior = from_azula(law)
    level = prior.schedule.at(0.3)
    z = start(3, 2, 2)
    expected = 0.2 + level.a * variance / (level.a**2 * variance + level.s**2) * (z - level.a * 0.2)
    torch.testing.assert_close(prior.predict(z[:, :, None], level).z0[:, :, 0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda each: type(each).__name__)
def test_levels_are_azulas_in_float64(schedule):
    found = converted(schedule)
    for time in (0.0, 0.123, 0.5, 1.0):
        a, s = schedule(torch.tensor(time, dtype=torch.float64))
        assert (found.at(time).a, found.at(time).s) == (float(a), float(s))
    levels = found.levels(4)
    assert [level.time for level in levels] == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert (levels[-1].a, levels[-1].s) == (1.0, 0.0)
    spaced = [level.sbar ** (1 / 7) for level in found.levels(5, "karras")[:-1]]
    steps = [a - b for a, b in pairwise(spaced)]
    assert steps == pytest.approx([steps[0]] * 4, rel=1e-6)
