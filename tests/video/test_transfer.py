"""HLG and PQ against the published values, and primaries against the published matrices."""

import numpy as np
import pytest
import torch

from invsolve.errors import SpaceError
from invsolve.figures.display import for_display
from invsolve.video.primaries import PRIMARIES, as_srgb, named, to_srgb
from invsolve.video.space import VideoSpace
from invsolve.video.transfer import in_transfer


def value(x, transfer, wanted):
    return float(in_transfer(torch.tensor(x, dtype=torch.float64), transfer, wanted))


@pytest.mark.parametrize(
    ("nits", "signal"),
    # SMPTE ST 2084 and ITU-R BT.2408-7, tables 1 and 2: luminance against PQ in percent
    [(0.0, 0.0), (10, 0.30), (100, 0.51), (203, 0.58), (1000, 0.75), (4000, 0.90), (10000, 1.0)],
)
def test_pq_is_the_published_curve(nits, signal):
    assert value(nits / 10000, "linear", "pq") == pytest.approx(signal, abs=0.005)
    assert value(value(nits / 10000, "linear", "pq"), "pq", "linear") == pytest.approx(nits / 10000, abs=1e-12)


def test_pq_at_a_hundred_nits_to_four_digits():
    assert value(0.01, "linear", "pq") == pytest.approx(0.5081, abs=5e-5)
    assert value(0.1, "linear", "pq") == pytest.approx(0.7518, abs=5e-5)


@pytest.mark.parametrize(
    ("light", "signal"),
    # ITU-R BT.2100-2 table 5 and BT.2408-7 table 1: the two pieces meet at a half, 75 % is white paper
    [(0.0, 0.0), (1 / 48, 0.25), (1 / 12, 0.5), (0.26496256, 0.75), (1.0, 1.0)],
)
def test_hlg_is_the_published_curve(light, signal):
    assert value(light, "linear", "hlg") == pytest.approx(signal, abs=1e-7)
    assert value(signal, "hlg", "linear") == pytest.approx(light, abs=1e-7)


@pytest.mark.parametrize("transfer", ["srgb", "gamma:2.2", "gamma:2.8", "hlg", "pq"])
def test_there_and_back(transfer):
    values = torch.linspace(0, 1, 4097, dtype=torch.float64)
    back = in_transfer(in_transfer(values, transfer, "linear"), "linear", transfer)
    torch.testing.assert_close(back, values, rtol=0, atol={"srgb": 2e-7, "hlg": 1e-8, "pq": 1e-6}.get(transfer, 1e-9))
    assert (in_transfer(values, transfer, "linear").diff() >= 0).all()


@pytest.mark.parametrize(("transfer", "white", "mean"), [("hlg", 0.75, 154.9), ("pq", 0.5807, 130.0)])
def test_the_mean_of_black_and_white_paper(transfer, white, mean):
    light = (value(0.0, transfer, "linear") + value(white, transfer, "linear")) / 2
    assert 255 * value(light, "linear", transfer) == pytest.approx(mean, abs=0.1)


@pytest.mark.parametrize(("transfer", "white"), [("hlg", 0.75), ("pq", 0.5807)])
def test_white_paper_is_white_on_a_screen(transfer, white):
    assert float(for_display(torch.tensor(white), transfer)) == pytest.approx(1.0, abs=1e-3)


def test_a_space_names_the_transfers_it_knows():
    assert VideoSpace(frames=1, height=1, width=1, transfer="pq").transfer == "pq"
    with pytest.raises(SpaceError, match=r"'hlg', 'pq' or 'unknown', got 'log'"):
        VideoSpace(frames=1, height=1, width=1, transfer="log")


def test_bt2020_to_bt709_is_the_published_matrix():
    published = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    # ITU-R BT.2407-0, section 2.2
    np.testing.assert_allclose(to_srgb(PRIMARIES["bt2020"]), published, atol=1e-4)


@pytest.mark.parametrize("name", PRIMARIES)
def test_white_stays_white(name):
    np.testing.assert_allclose(to_srgb(PRIMARIES[name]).sum(axis=1), 1, atol=1e-9)
    assert named(PRIMARIES[name]) == name


def test_display_p3_in_srgb():
    pixels = torch.tensor([200.0, 60.0, 40.0]).reshape(3, 1, 1) / 255
    converted = 255 * as_srgb(pixels, PRIMARIES["display-p3"], "srgb").flatten()
    torch.testing.assert_close(converted, torch.tensor([217.5, 41.6, 22.7]), rtol=0, atol=0.1)


def test_light_beyond_white_is_kept_where_asked_for():
    bright = torch.tensor([4.0, 1.0, 0.5]).reshape(3, 1, 1)
    kept = as_srgb(bright, PRIMARIES["bt2020"], "linear", unclipped=True)
    torch.testing.assert_close(
        kept.flatten(), torch.from_numpy(to_srgb(PRIMARIES["bt2020"])).float() @ bright.flatten()
    )
    assert kept.max() > 4
