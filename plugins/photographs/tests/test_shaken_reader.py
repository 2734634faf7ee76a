"""A shaken photograph is the mean of its frames in light, and the same for the same seed."""

from pathlib import Path

import pytest
import torch

from invsolve.errors import ReadError
from invsolve.media import FramesReader, ImageReader, ReadContext
from invsolve_photographs.shaken_reader import ShakenReader

from .conftest import save, texture


def test_the_photograph_is_the_mean_of_its_frames(photograph: Path) -> None:
    found = ShakenReader(ImageReader(photograph), frames=3, motion=3.0, seed=2).read(ReadContext())
    assert found.truth is not None
    wanted = found.truth.pow(2.2).mean(2).pow(1 / 2.2)
    assert (found.video[:, :, 0] - wanted).abs().max() < 0.51 / 255
    assert torch.equal((found.video * 255).round(), found.video * 255)
    sharp = ImageReader(photograph).read(ReadContext()).video
    # the first and the last frame lie on either side
    errors = [float((frame[:, :, None] - sharp).square().mean()) for frame in found.truth.unbind(2)]
    assert errors[1] < min(errors[0], errors[2])


def test_seeds_decide(photograph: Path) -> None:
    one, same, other = (ShakenReader(ImageReader(photograph), seed=seed).read(ReadContext()) for seed in (1, 1, 2))
    assert torch.equal(one.video, same.video)
    assert not torch.equal(one.video, other.video)
    still = ShakenReader(ImageReader(photograph), motion=0.0).read(ReadContext())
    assert (still.video - ImageReader(photograph).read(ReadContext()).video).abs().max() < 1 / 255


def test_only_one_picture_is_shaken(tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / f"{number}.png", texture(16, 16))
    with pytest.raises(ReadError, match="has 2 frames and 3 channels"):
        ShakenReader(FramesReader(tmp_path)).read(ReadContext())
