import pytest
import torch

import invsolve as iv
from invsolve.errors import CapabilityError

GENERATOR = torch.Generator().manual_seed(0)
Z0, EPS, G = (torch.randn(2, 3, 1, 4, 5, dtype=torch.float64, generator=GENERATOR) for _ in range(3))
LEVELS = [iv.VPSchedule().at(0.4), iv.FlowSchedule().at(0.3), iv.EDMSchedule().at(2.0)]


def close(prediction, z0, eps):
    torch.testing.assert_close(prediction.z0, z0, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(prediction.eps, eps, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_eps_clean_and_score_say_the_same(level):
    z = level.a * Z0 + level.s * EPS
    close(iv.Prediction.from_eps(z, EPS, level), Z0, EPS)
    close(iv.Prediction.from_clean(z, Z0, level), Z0, EPS)
    close(iv.Prediction.from_score(z, -EPS / level.s, level), Z0, EPS)


@pytest.mark.parametrize("level", [LEVELS[0], iv.NoiseLevel(0.0, 1.0, 999.0)])
def test_v_also_at_zero_signal(level):
    z = level.a * Z0 + level.s * EPS
    close(iv.Prediction.from_v(z, level.a * EPS - level.s * Z0, level), Z0, EPS)


@pytest.mark.parametrize("level", [LEVELS[1], iv.NoiseLevel(0.0, 1.0, 1.0)])
def test_flow_also_at_zero_signal(level):
    z = level.a * Z0 + level.s * EPS
    close(iv.Prediction.from_flow(z, EPS - Z0, level), Z0, EPS)


@pytest.mark.parametrize("level", LEVELS)
def test_a_likelihood_score_moves_both_estimates_and_keeps_z(level):
    moved = iv.Prediction(Z0, EPS).with_score(G, level)
    torch.testing.assert_close(level.a * moved.z0 + level.s * moved.eps, level.a * Z0 + level.s * EPS)
    torch.testing.assert_close(moved.eps, EPS - level.s * G)


@pytest.mark.parametrize("level", LEVELS)
def test_replacing_the_clean_estimate(level):
    consistent = iv.Prediction(Z0, EPS).with_clean(G, level)
    torch.testing.assert_close(level.a * consistent.z0 + level.s * consistent.eps, level.a * Z0 + level.s * EPS)
    original = iv.Prediction(Z0, EPS).with_clean(G, level, eps="original")
    assert torch.equal(original.eps, EPS)


def test_limits_are_said():
    with pytest.raises(CapabilityError, match="a = 0"):
        iv.Prediction.from_eps(Z0, EPS, iv.NoiseLevel(0.0, 1.0, 999.0))
    with pytest.raises(CapabilityError, match="s = 0"):
        iv.Prediction.from_clean(Z0, EPS, iv.NoiseLevel(1.0, 0.0, 0.0))
    unchanged = iv.Prediction(Z0, EPS)
    assert unchanged.with_score(G, iv.NoiseLevel(0.0, 1.0, 999.0)) is unchanged
