"""FreeDoM's step lengths."""

import numpy as np
import pytest

from invsolve import NoiseLevel
from invsolve.errors import CapabilityError
from invsolve_samplers import FreeDoMGuidance
from tests.samplers.gaussian_oracle import G2
from tests.samplers.one_step import HALF, POINT, one_step


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


@pytest.mark.parametrize("level", [HALF, NoiseLevel(0.2, 0.8, 0.8)], ids=["vp", "flow"])
def test_rms_step(level: NoiseLevel):
    clean = G2.clean(POINT, level.a, level.s)
    eps = (POINT - level.a * clean) / level.s
    residual = G2.y - G2.A @ clean
    gradient = -G2.jacobian(level.a, level.s).T @ G2.A.T @ residual / np.linalg.norm(residual)
    length = 0.006 * rms(eps) * (level.s / level.a) / rms(gradient)
    step = one_step(FreeDoMGuidance(scale=0.006, rule="rms"), G2, POINT, level)
    np.testing.assert_allclose(step.moved, -length * gradient, rtol=1e-12)
    assert step.info["step_size"] == pytest.approx(length / (2 * np.linalg.norm(residual)), rel=1e-12)


def test_rms_step_has_no_length_at_pure_noise():
    with pytest.raises(CapabilityError, match="zero terminal SNR"):
        one_step(FreeDoMGuidance(rule="rms"), G2, POINT, NoiseLevel(0.0, 1.0, 1.0))
