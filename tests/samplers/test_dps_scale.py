import numpy as np
import pytest
import torch

from invsolve import DiscreteSchedule, SeededRandomness
from invsolve.errors import ComponentError
from invsolve_samplers import DDPMKernel, DPSGuidance
from invsolve_samplers.guidance.dps_scale import convert_scale
from tests.samplers.analytic import average_problem, column, pixel_prior
from tests.samplers.gaussian_oracle import G2

CONVENTIONS = ("paper", "unsquared", "score")
LEVELS = DiscreteSchedule().levels(50)


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

    converted = convert_scale(0.7, source, wanted, level, target)
    torch.testing.assert_close(step(converted, wanted), step(0.7, source), rtol=1e-12, atol=1e-12)


def test_known_values():
    level, target = LEVELS[10], LEVELS[11]
    alpha = (level.a / target.a) ** 2
    assert convert_scale(0.3, "paper", "unsquared", level, target) == pytest.approx(0.6, rel=1e-14)
    weight = 0.6 * alpha**0.5 / (1 - alpha)
    assert convert_scale(0.3, "paper", "score", level, target) == pytest.approx(weight, rel=1e-10)


def test_other_conventions_are_refused():
    with pytest.raises(ComponentError, match="'bayes'"):
        convert_scale(1.0, "paper", "bayes", LEVELS[0], LEVELS[1])
