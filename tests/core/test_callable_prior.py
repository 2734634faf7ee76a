"""Any denoiser as a prior: the laws, every parameterisation against a closed form, pictures, latents and misuse."""

from typing import final

import attrs
import pytest
import torch
from torch import Tensor, nn

import invsolve as iv
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.testing import PriorChecks
from invsolve_priors import FrameWise, Gaussian
from invsolve_samplers import DDIM, DPS

STD = 0.5
SCHEDULES = {"clean": iv.EDMSchedule(), "eps": iv.VPSchedule(), "v": iv.DiscreteSchedule(), "flow": iv.FlowSchedule()}


@final
@attrs.frozen
class Shrink:
    """What a network trained on ``z0 ~ N(0, std^2)`` says, in one of the parameterisations."""

    std: float = STD
    predicts: str = "clean"

    def __call__(self, z: Tensor, level: iv.NoiseLevel) -> Tensor:
        a, s = level.a, level.s
        z0 = a * self.std**2 / (a**2 * self.std**2 + s**2) * z
        eps = s / (a**2 * self.std**2 + s**2) * z
        return {"clean": z0, "eps": eps, "v": a * eps - s * z0, "flow": eps - z0, "reverse_flow": z0 - eps}[
            self.predicts
        ]


class TestCallable(PriorChecks):
    def make(self):
        return iv.CallablePrior(Shrink(), iv.EDMSchedule(), values=(-1.0, 1.0))


class TestPictures(PriorChecks):
    def make(self):
        return iv.CallablePrior(Shrink(predicts="v"), iv.DiscreteSchedule(), predicts="v", frames_alone=True)


@pytest.mark.parametrize("predicts", ["clean", "eps", "v", "flow", "reverse_flow"])
def test_all_say_the_same_of_a_normal_law(predicts):
    schedule = SCHEDULES[predicts.removeprefix("reverse_")]
    prior = iv.Prior.from_callable(Shrink(predicts=predicts), schedule, predicts=predicts)
    z = torch.randn(2, 1, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for level in schedule.levels(5)[1:-1]:
        found = prior.predict(z, level)
        torch.testing.assert_close(found.z0, Shrink()(z, level), rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(found.eps, Shrink(predicts="eps")(z, level), rtol=1e-10, atol=1e-10)


def test_three_lines_sample_as_the_closed_form_does():
    denoiser = lambda z, level: (z * STD**2 + 0.3 * level.s**2) / (STD**2 + level.s**2)  # noqa: E731  as a user does
    prior = iv.Prior.from_callable(denoiser, iv.EDMSchedule())
    law = Gaussian(
        0.3 * torch.ones(1, 1, 2, 2, dtype=torch.float64),
        STD**2 * torch.eye(4, dtype=torch.float64),
        schedule=iv.EDMSchedule(),
    )
    y = torch.tensor([[[[[0.8, 0.1], [0.4, 0.6]]]]], dtype=torch.float64)
    found, expected = (
        iv.solve(
            iv.Problem(operator=iv.Identity(), observation=y, noise=iv.GaussianNoise(std=0.1), prior=each),
            DPS(steps=20),
            seed=0,
            samples=2,
        )
        for each in (prior, law)
    )
    torch.testing.assert_close(found.video, expected.video, rtol=1e-9, atol=1e-9)
    assert float((found.video - 0.3).abs().max()) > 0.05


def test_pictures_see_frames_as_a_batch():
    seen = []

    def denoiser(z: Tensor, level: iv.NoiseLevel) -> Tensor:
        seen.append(tuple(z.shape))
        return torch.cumsum(z, dim=-1)

    prior = iv.Prior.from_callable(denoiser, iv.EDMSchedule(), frames_alone=True)
    one = FrameWise(iv.Prior.from_callable(lambda z, level: torch.cumsum(z, dim=-1), iv.EDMSchedule()))
    z = torch.rand(2, 3, 4, 5, 6)
    level = iv.EDMSchedule().at(1.0)
    torch.testing.assert_close(prior.predict(z, level).z0, one.predict(z, level).z0)
    assert seen == [(8, 3, 5, 6)]


def test_a_latent_model_is_encoded_and_decoded():
    fold, unfold = nn.PixelUnshuffle(2), nn.PixelShuffle(2)
    prior = iv.CallablePrior(
        Shrink(), iv.EDMSchedule(), frames_alone=True, values=(-1.0, 1.0), encoder=fold, decoder=unfold
    )
    video = torch.rand(2, 3, 2, 4, 6)
    assert prior.latent_shape(iv.VideoSpace.of(video)) == (12, 2, 2, 3)
    z = prior.encode(video)
    assert torch.equal(z[1, :, 1], fold(2 * video[1, :, 1] - 1))
    torch.testing.assert_close(prior.decode(z), video)
    problem = iv.Problem(operator=iv.Identity(), observation=video, prior=prior)
    assert iv.solve(problem, DDIM(steps=2), seed=0).video.shape == (1, 2, 3, 2, 4, 6)


def test_a_condition_reaches_the_denoiser():
    def denoiser(z: Tensor, level: iv.NoiseLevel, condition: Tensor | None) -> Tensor:
        return z * 0 if condition is None else condition[:, :, None, None].expand_as(z)

    prior = iv.CallablePrior(denoiser, iv.EDMSchedule(), frames_alone=True, conditional=True)
    assert prior.condition_form == "given"
    z, level = torch.rand(2, 1, 3, 2, 2), iv.EDMSchedule().at(1.0)
    told = prior.predict(z, level, torch.tensor([[1.0], [2.0]])).z0
    assert told[0].eq(1).all() and told[1].eq(2).all()
    assert not prior.predict(z, level).z0.any()
    with pytest.raises(CapabilityError, match="takes no condition; say `conditional=True`"):
        iv.Prior.from_callable(Shrink(), iv.EDMSchedule()).predict(z, level, torch.ones(2, 1))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"denoiser": 3}, ComponentError, "CallablePrior.denoiser must be a function or a module, got 3"),
        ({"schedule": "edm"}, ComponentError, "CallablePrior.schedule must be a Schedule, got 'edm'"),
        ({"predicts": "noise"}, ComponentError, "must be one of eps, v, clean, flow, reverse_flow, got 'noise'"),
        ({"values": (1.0, 1.0)}, ComponentError, r"must differ for black and white, got \(1.0, 1.0\)"),
        ({"values": 1.0}, ComponentError, "must be the values of black and of white, got 1.0"),
        ({"encoder": Shrink()}, ComponentError, "needs an encoder and a decoder; it was given an encoder alone"),
    ],
)
def test_fields_of_other_kinds_are_refused(given, error, said):
    with pytest.raises(error, match=said):
        iv.CallablePrior(**{"denoiser": Shrink(), "schedule": iv.EDMSchedule(), **given})


@pytest.mark.parametrize(
    ("denoiser", "error", "said"),
    [
        (lambda z, level: (z, z), CapabilityError, r"must return a tensor of the shape \(1, 1, 1, 2, 2\), got a tuple"),
        (lambda z, level: z[..., :1], SpaceError, r"returns the shape \(1, 1, 1, 2, 1\) for \(1, 1, 1, 2, 2\)"),
    ],
)
def test_what_comes_back_is_looked_at(denoiser, error, said):
    prior = iv.Prior.from_callable(denoiser, iv.EDMSchedule())
    with pytest.raises(error, match=said):
        prior.predict(torch.zeros(1, 1, 1, 2, 2), iv.EDMSchedule().at(1.0))
