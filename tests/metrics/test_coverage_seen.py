"""Coverage of what an observation shows, and of what it hides."""

from typing import final

import attrs
import pytest
import torch

from invsolve import GaussianNoise, LinearOperator, Operator, VideoSpace, pipeline
from invsolve.metrics import Coverage
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.operator.seen_values import seen_values
from invsolve_operators import CameraResponse, Convolution, Downsample, Mask, SelectFrames, TemporalAverage

SHAPE = (1, 4, 8, 8)  # c t h w


def judged(operator, video, truth):
    space = VideoSpace(channels=1, frames=4, height=8, width=8, transfer="unknown")
    observation = operator.forward(truth)
    return Reconstruction(
        video=video,
        space=space,
        observation=observation,
        observation_space=operator.output_space(space),
        operator=operator,
        noise=GaussianNoise(0.1),
        truth=truth,
        truth_space=space,
    )


@final
@attrs.frozen
class Rounded(Operator):
    """Two levels, black and white."""

    def forward(self, x):
        return x.round()

    def output_space(self, space):
        return space

    def input_space(self, observed):
        return observed


def left_half_seen():
    values = torch.zeros(8, 8)
    values[:, :4] = 1
    return Mask(values=values)


@pytest.mark.parametrize("operator", [left_half_seen(), SelectFrames(indices=(0, 1), frames=4)], ids=["mask", "frames"])
def test_both_parts_are_counted(operator):
    """Samples 0 to 9: the truth is 4.5 where it is seen, and 20 where it is not."""
    seen = seen_values(operator, operator.forward(torch.zeros(1, *SHAPE)))
    assert seen.float().mean() == 0.5
    truth = torch.where(seen, 4.5, 20.0)[None]
    video = torch.arange(10.0).reshape(10, 1, 1, 1, 1, 1).expand(10, 1, *SHAPE)
    values = Coverage().evaluate(judged(operator, video, truth))
    assert (values["coverage"], values["coverage_seen"], values["coverage_hidden"]) == (0.5, 1.0, 0.0)
    said = Coverage.sentences(values)[0]
    assert said.endswith("of the truth: 100.0% of what is seen, 0.0% of what is hidden")


@pytest.mark.parametrize(
    "operator",
    [
        TemporalAverage(frames=4),
        Convolution(kernel="gaussian", std=1.0),
        Convolution(kernel="gaussian", std=1.0, border="replicate"),
        Downsample(factor=2, method="bicubic"),
    ],
    ids=repr,
)
def test_where_all_is_seen_there_are_no_parts(operator):
    assert bool(seen_values(operator, operator.forward(torch.rand(1, *SHAPE))).all())
    truth = torch.rand(1, *SHAPE)
    assert set(Coverage().evaluate(judged(operator, torch.rand(4, 1, *SHAPE), truth))) == {
        "coverage",
        "coverage_nominal",
        "coverage_error",
    }


def test_a_blur_before_a_mask_shows_what_is_beside_the_mask_too():
    operator = left_half_seen() @ Convolution(values=[[0, 0, 0], [1, 1, 1], [0, 0, 0]], border="zero")
    seen = seen_values(operator, operator.forward(torch.zeros(1, *SHAPE)))
    assert seen[..., :5].all() and not seen[..., 5:].any()


def test_of_operators_that_are_not_linear_the_derivative_says_it():
    assert bool(seen_values(CameraResponse(curve="srgb"), torch.rand(1, *SHAPE)).all())
    operator = pipeline(left_half_seen(), CameraResponse(curve="srgb"))
    assert not isinstance(operator, LinearOperator)
    seen = seen_values(operator, torch.rand(1, *SHAPE))
    assert seen[..., :4].all() and not seen[..., 4:].any()
    assert "coverage_hidden" in Coverage().evaluate(judged(operator, torch.rand(4, 1, *SHAPE), torch.rand(1, *SHAPE)))


def test_of_what_has_no_derivative_nothing_is_said():
    assert seen_values(Rounded(), torch.rand(1, *SHAPE)) is None


def test_two_samples_have_no_error_bar_and_say_so():
    truth = torch.rand(1, *SHAPE)
    values = Coverage().evaluate(judged(TemporalAverage(frames=4), torch.rand(2, 1, *SHAPE), truth))
    (said,) = Coverage.sentences(values)
    assert "nan" not in said and "±" not in said
    assert said.startswith("33% intervals hold") and said.endswith("three samples would tell how sure that is")
    stored = {**values, "coverage_error": None}
    assert Coverage.sentences(stored) == (said,)
    more = Coverage().evaluate(judged(TemporalAverage(frames=4), torch.rand(3, 1, *SHAPE), truth))
    assert "±" in Coverage.sentences(more)[0]
