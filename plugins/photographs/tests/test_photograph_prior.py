"""The prior of a photograph against the laws of priors, and against sums over its modes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from invsolve import Prior
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.media import FramesReader, ImageReader
from invsolve.randomness import SeededRandomness
from invsolve.schedule import NoiseLevel
from invsolve.testing import PriorChecks, Sizes
from invsolve.video.space import VideoSpace
from invsolve_photographs.law import DIRECTION
from invsolve_photographs.photograph_prior import PhotographPrior
from invsolve_photographs.photograph_weights import PhotographWeights

from .conftest import save, texture


def prior_of(photograph: Path, model_file: Path, past: int = 0) -> PhotographPrior:
    return PhotographPrior(photograph=ImageReader(photograph), file=model_file, frames=3, past=past, mirrors=1)


class TestPhotographPrior(PriorChecks):
    sizes = Sizes(channels=(3,), frames=(3,), height=(26,), width=(37,), slack=(0,))
    dtypes = ("float64", "float32")
    folder: Path
    model: Path

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path, model_file: Path) -> Iterator[None]:
        self.photograph = save(tmp_path / "small.png", texture(26, 37))
        self.model = model_file
        yield

    def make(self) -> Prior:
        return prior_of(self.photograph, self.model)


def test_prediction_is_the_sum_over_modes(photograph: Path, model_file: Path) -> None:
    prior = prior_of(photograph, model_file)
    regions = prior.law.regions
    level = NoiseLevel(a=0.8, s=0.9, time=0.5)
    z = torch.randn(2, *prior.law.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    z[:, DIRECTION] *= 0.02
    signs, log_weights = regions.directions()
    mean, total = torch.zeros_like(z[:, DIRECTION, 0]), torch.zeros(2, dtype=torch.float64)
    offset: torch.Tensor | None = None
    for row, weight in zip(signs.double(), log_weights.double(), strict=True):
        mode = regions.spread_out(row.expand(2, -1))
        density = -0.5 * ((z[:, DIRECTION, 0] - level.a * mode) / level.s).square().flatten(1).sum(1) + weight
        offset = density if offset is None else offset
        chance = (density - offset).exp()
        mean += chance[:, None, None, None] * mode
        total += chance
    found = prior.predict(z, level)
    assert torch.allclose(found.z0[:, DIRECTION, 0], mean / total[:, None, None, None], atol=1e-9)
    normal = level.a / (level.a**2 + level.s**2) * z[:, : DIRECTION.start]
    assert torch.allclose(found.z0[:, : DIRECTION.start], normal, atol=1e-12)


def test_draws_take_both_directions(photograph: Path, model_file: Path) -> None:
    prior = prior_of(photograph, model_file)
    rng = SeededRandomness(0, tuple((0, sample) for sample in range(64)))
    z = prior.drawn(rng, torch.empty(64, *prior.law.shape))
    first = z[:, DIRECTION.start, 0, 0, 0]
    assert set(first.tolist()) == {-1.0, 1.0}
    assert 20 <= int((first > 0).sum()) <= 44
    alone = prior.drawn(SeededRandomness(0, ((0, 5),)), torch.empty(1, *prior.law.shape))
    assert torch.equal(alone[0], z[5])
    normal = z[:, : DIRECTION.start]
    assert abs(float(normal.mean())) < 0.01
    assert abs(float(normal.std()) - 1) < 0.01


def test_past_and_future_stand_before_and_after(photograph: Path, model_file: Path) -> None:
    several = PhotographPrior(photograph=ImageReader(photograph), file=model_file, past=2, future=1)
    assert torch.allclose(several.times, torch.arange(-5, 5) / 3, atol=1e-6)
    same = PhotographPrior(photograph=ImageReader(photograph), intervals=[[k / 7, (k + 1) / 7] for k in range(-2, 8)])
    assert torch.allclose(several.times, same.times, atol=1e-6)


def test_misuse_is_said(photograph: Path, model_file: Path, tmp_path: Path) -> None:
    prior = prior_of(photograph, model_file)
    with pytest.raises(SpaceError, match=r"the videos of this photograph are c t h w = \(3, 3, 54, 70\)"):
        prior.latent_shape(VideoSpace(frames=4, height=54, width=70))
    with pytest.raises(CapabilityError, match="takes no condition"):
        prior.predict(torch.zeros(1, *prior.law.shape), NoiseLevel(0.8, 0.6, 0.5), torch.zeros(1))
    with pytest.raises(ComponentError, match="rows of start and end"):
        PhotographPrior(photograph=ImageReader(photograph), intervals=[[1.0, 0.0]])
    with pytest.raises(ComponentError, match="leave out frames, past and future"):
        PhotographPrior(photograph=ImageReader(photograph), intervals=[[0.0, 1.0]], past=1)
    with pytest.raises(ComponentError, match="give either `weights` or `file`"):
        PhotographPrior(photograph=ImageReader(photograph), file=model_file, weights=PhotographWeights())
    with pytest.raises(ComponentError, match="must be one of 1, 2, 4, 8, got 3"):
        PhotographPrior(photograph=ImageReader(photograph), mirrors=3)  # type: ignore[arg-type]
    for number in range(2):
        save(tmp_path / f"{number}.png", texture(16, 16))
    with pytest.raises(ReadError, match="has 2 frames and 3 channels"):
        _ = PhotographPrior(photograph=FramesReader(tmp_path), file=model_file).picture
