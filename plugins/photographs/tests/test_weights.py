"""The shipped weights: they are small, they are there, and they see motion."""

import torch

from invsolve_photographs.deblurring.inference import estimated, rendered
from invsolve_photographs.model_file import read_network
from invsolve_photographs.motion.render import render
from invsolve_photographs.photograph_weights import PhotographWeights

from .conftest import texture


def blurred_texture(end: tuple[float, float]) -> tuple[torch.Tensor, torch.Tensor]:
    """A texture that moves by `end` (down, right) to either side, and its photograph."""
    picture = (texture(160, 192, 2) - 0.5) * 0.9 + 0.5
    times = torch.linspace(-1, 1, 7)
    motion = torch.tensor(end)[None, :, None, None, None] * times[None, None, :, None, None]
    frames = render(picture, motion.expand(1, 2, 7, 40, 48))
    return frames.pow(2.2).mean(2).pow(1 / 2.2), frames


def test_the_file_is_small_and_whole() -> None:
    path = PhotographWeights().path()
    assert path.stat().st_size < 25 * 2**20
    model = read_network(path)
    assert model.facts["steps"] > 0
    assert 0.2 < model.facts["calibration"]["end_std"] < 5


def test_it_sees_a_motion_that_it_never_saw() -> None:
    network = read_network(PhotographWeights().path()).network
    for end in ((0.0, 4.0), (3.0, 0.0), (2.5, -2.5)):
        photograph, truth = blurred_texture(end)
        seen = estimated(network, photograph, 2)
        video = rendered(seen, 7).clamp(0, 1)
        inner = (..., slice(16, -16), slice(16, -16))
        errors = [(each - truth)[inner].square().mean() for each in (video, video.flip(2))]
        still = (photograph[:, :, None] - truth)[inner].square().mean()
        # a decibel or more above the photograph repeated
        assert min(errors) < 0.8 * still
