import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, SeededRandomness
from invsolve_samplers import DDPMKernel, DPSGuidance
from tests.samplers.analytic import average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G2

CONVENTIONS = ("paper", "unsquared", "score")
LEVELS = DiscreteSchedule().levels(50)


def converted_scale(scale, source, wanted, level, target):
    """The scale under `wanted` that takes the same DDPM step as `scale` under `source`.

    With ``r = a / a'`` and ``beta = s^2 - r^2 s'^2``: ``unsquared = 2 paper = score beta / r``, since the score enters
    the mean of the DDPM step with ``beta / sqrt(alpha)``.
    """
    ratio = level.a / target.a
    in_unsquared = {"paper": 2.0, "unsquared": 1.0, "score": (level.s**2 - ratio**2 * target.s**2) / ratio}
    return scale * in_unsquared[source] / in_unsquared[wanted]


@pytest.mark.parametrize("index", [3, 25, 48])
@pytest.mark.parametrize("wanted", CONVENTIONS)
@pytest.mark.parametrize("source", CONVENTIONS)
def test_a_converted_scale_takes_the_same_step(source, wanted, index):
    level, target = LEVELS[index], LEVELS[index + 1]
    problem = average_problem(pixel_prior(G2), G2)
    z = column(np.array([1.0, 0.0, -1.0, 0.5]))

    def step(scale, convention):
        rule = DPSGuidance(scale=scale, convention=convention)
        return rule.step(problem, DDPMKernel(), z, level, target, SeededRandomness(0)).z

    converted = converted_scale(0.7, source, wanted, level, target)
    torch.testing.assert_close(step(converted, wanted), step(0.7, source), rtol=1e-12, atol=1e-12)


def test_known_values():
    level, target = LEVELS[10], LEVELS[11]
    alpha = (level.a / target.a) ** 2
    assert converted_scale(0.3, "paper", "unsquared", level, target) == pytest.approx(0.6, rel=1e-14)
    weight = 0.6 * alpha**0.5 / (1 - alpha)
    assert converted_scale(0.3, "paper", "score", level, target) == pytest.approx(weight, rel=1e-10)
