"""The shipped weights: they are small, they are there, and they see motion."""

import pytest

from invsolve.media import ReadContext, SampleReader
from invsolve_photographs.model_file import read_network
from invsolve_photographs.network.inference import estimated, rendered
from invsolve_photographs.photograph_weights import PhotographWeights
from invsolve_photographs.shaken_reader import ShakenReader


def test_the_file_is_small_and_whole() -> None:
    path = PhotographWeights().path()
    assert path.stat().st_size < 25 * 2**20
    model = read_network(path)
    assert model.facts["steps"] > 0
    assert 0.2 < model.facts["calibration"]["end_std"] < 5
    assert 0.2 < model.facts["calibration"]["picture_std"] < 5


@pytest.mark.parametrize("seed", [3, 4])
def test_a_photograph_that_it_never_saw_becomes_a_better_video(seed: int) -> None:
    shaken = ShakenReader(SampleReader("coffee", longest_side=320), motion=4.0, seed=seed).read(ReadContext())
    assert shaken.truth is not None
    network = read_network(PhotographWeights().path()).network
    video = rendered(estimated(network, shaken.video[:, :, 0], 2), 7).clamp(0, 1)
    inner = (..., slice(16, -16), slice(16, -16))
    errors = [float((each - shaken.truth)[inner].square().mean()) for each in (video, video.flip(2))]
    still = float((shaken.video - shaken.truth)[inner].square().mean())
    # more than a decibel above the photograph repeated in one direction, below it in the other
    assert min(errors) < 0.79 * still
    assert max(errors) > still
