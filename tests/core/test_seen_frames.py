"""Which operators show frames as they are."""

import pytest
import torch

from invsolve import GaussianNoise, Problem, Requirement, VideoSpace, pipeline
from invsolve.errors import CapabilityError
from invsolve.operator.seen_frames import seen_frames
from invsolve_operators import Mask, SelectFrames, TemporalAverage
from invsolve_priors import SpectralGaussian

SPACE = VideoSpace(frames=5, height=4, width=6)


@pytest.mark.parametrize(
    ("operator", "seen"),
    [
        (SelectFrames(every=4), (0, 4)),
        (SelectFrames(indices=(3, 0), frames=5), (3, 0)),
        (pipeline(SelectFrames(every=2), SelectFrames(every=2)), (0, 4)),
        (TemporalAverage(frames=5), None),
        (pipeline(SelectFrames(every=4), Mask(keep=0.5)), None),
    ],
    ids=str,
)
def test_seen_frames(operator, seen):
    assert seen_frames(operator, SPACE) == seen


def test_a_problem_without_seen_frames_is_refused_by_name():
    problem = Problem(TemporalAverage(frames=5), torch.rand(1, 3, 1, 4, 6), SpectralGaussian(), GaussianNoise(0.01))
    with pytest.raises(CapabilityError, match=r"MySampler .* needs an operator that shows some frames"):
        problem.require({Requirement.SEEN_FRAMES}, "MySampler")
