"""End-point error of optical flow, and the middle frame."""

from itertools import pairwise
from typing import final

import attrs
import pytest
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.metrics import EndpointError, FrameParts, MiddleFrame
from invsolve.metrics.psnr import psnr
from invsolve.metrics.ssim import ssim
from invsolve.motion.optical_flow import Flow
from invsolve.record.summary import summary_rows
from invsolve_blocksworld import BlocksworldReader
from invsolve_samplers import DISFlow
from tests.metrics.test_directions import TRUTH, judged, rand


@final
@attrs.frozen
class Brightness(Flow):
    """A flow that can be written down: as far down as the mean grows, as far right as it grows twice over."""

    def between(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        growth = (second - first).mean((1, 2, 3), keepdim=True) * torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
        flow = growth.expand(-1, -1, *first.shape[2:])
        return flow, -flow


@final
@attrs.frozen
class Known(Flow):
    """The true flow of one clip, found by its frames."""

    frames: Tensor
    flows: Tensor

    def between(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        del second
        nearest = (first[:, None] - self.frames[None]).abs().flatten(2).mean(2).argmin(1)
        return self.flows[nearest], -self.flows[nearest]


def ramp(*levels: float) -> Tensor:
    return torch.tensor(levels, dtype=torch.float64).view(1, 1, -1, 1, 1).expand(1, 3, -1, 24, 28).clone()


def test_the_error_is_the_length_of_the_difference():
    truth, sample = ramp(0.0, 0.1, 0.3), ramp(0.0, 0.3, 0.4)
    # in linear light the flow would be another; judged() says linear, pictures are shown in srgb
    shown = [[float(torch.tensor(v)) for v in levels] for levels in (_srgb(truth), _srgb(sample))]
    steps = [[b - a for a, b in pairwise(levels)] for levels in shown]
    wanted = sum(5**0.5 * abs(a - b) for a, b in zip(*steps, strict=True)) / 2
    values = EndpointError(flow=Brightness()).evaluate(judged(sample, truth, truth=truth))
    assert values["endpoint_error"] == pytest.approx([wanted, 0.0], abs=1e-6)
    assert values["endpoint_error_best_direction"][1] == pytest.approx(0.0, abs=1e-9)


def _srgb(video: Tensor) -> list[float]:
    linear = video[0, 0, :, 0, 0]
    return torch.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(1e-9) ** (1 / 2.4) - 0.055
    ).tolist()


def test_a_reversed_video_has_no_error_in_the_better_direction():
    truth = ramp(0.1, 0.2, 0.5, 0.6)
    values = EndpointError(flow=Brightness()).evaluate(judged(truth.flip(2), truth=truth))
    assert values["endpoint_error"][0] > 0.1
    assert values["endpoint_error_best_direction"] == pytest.approx([0.0], abs=1e-9)


def test_the_flow_of_the_toy_world():
    """Against the world's own flow, a moving clip and a still one."""
    reader = BlocksworldReader(split="test", index=4, frames=4, height=24, width=28, samples=1)
    clip, truth = reader.film.shoot("test", 4).double(), reader.film.truth("test", 4)
    flows = torch.as_tensor(truth.flow, dtype=torch.float64)
    flows = flows[0] if flows.ndim == 5 else flows
    flows = flows.permute(1, 0, 2, 3) if flows.shape[0] == 2 else flows
    still = clip[:, :, :1].expand(clip.shape).clone()
    shown = torch.where(clip <= 0.0031308, 12.92 * clip, 1.055 * clip.clamp_min(1e-9) ** (1 / 2.4) - 0.055)
    flow = Known(shown[0].transpose(0, 1)[: len(flows)], flows)
    assert EndpointError(flow=flow).evaluate(judged(clip, truth=clip))["endpoint_error"] == [0.0]
    by_dis = EndpointError(flow=DISFlow()).evaluate(judged(clip, still, truth=clip))["endpoint_error"]
    assert by_dis[0] == 0.0
    assert by_dis[1] > 0.05


def test_nothing_to_say_without_a_truth_or_a_second_frame():
    metric = EndpointError(flow=Brightness())
    assert metric.evaluate(judged(TRUTH[:, :, :1], truth=TRUTH[:, :, :1])) == {}
    assert metric.evaluate(attrs.evolve(judged(TRUTH), truth=None)) == {}
    assert MiddleFrame().evaluate(attrs.evolve(judged(TRUTH), truth=None)) == {}


def test_the_middle_frame_of_an_odd_number():
    truth, sample = TRUTH[:, :, :5], rand(1, 3, 5, 24, 28, seed=1)
    values = MiddleFrame().evaluate(judged(sample, truth=truth))
    assert values["psnr_middle"] == [psnr(sample[:, :, 2:3], truth[:, :, 2:3])]
    assert values["ssim_middle"] == [ssim(sample[:, :, 2:3], truth[:, :, 2:3])]


def test_the_better_of_two_middle_frames():
    sample = TRUTH.clone()
    sample[:, :, 2] += 0.3
    sample[:, :, 3] += 0.1
    values = MiddleFrame().evaluate(judged(sample, truth=TRUTH))
    assert values["psnr_middle"] == [psnr(sample[:, :, 3:4], TRUTH[:, :, 3:4])]


def test_parts_are_measured_apart_in_one_direction():
    sample = TRUTH.clone()
    sample[:, :, :2] = 1 - sample[:, :, :2]
    metric = FrameParts(past="0..2", present="2..4", future="4..")
    values = metric.evaluate(judged(sample.flip(2), TRUTH, truth=TRUTH))
    assert values["psnr_past"][0] == psnr(sample[:, :, :2], TRUTH[:, :, :2])
    assert values["psnr_present"] == [float("inf"), float("inf")]
    assert set(values) == {score.name for score in FrameParts.scores}
    mean = (sample + TRUTH) / 2
    assert values["psnr_past_mean"] == pytest.approx(psnr(mean[:, :, :2], TRUTH[:, :, :2]))
    alone = FrameParts(past="0..2", future="9..").evaluate(judged(sample, truth=TRUTH))
    assert set(alone) == {"psnr_past", "psnr_past_mean"}


@pytest.mark.parametrize(("parts", "message"), [({}, "at least one"), ({"past": "3..1"}, "empty")])
def test_parts_that_are_none(parts, message):
    with pytest.raises(ComponentError, match=message):
        FrameParts(**parts)


def test_headings_are_known_from_the_classes_alone():
    values = {"psnr": [30.0], "psnr_past": [20.0]}
    headings, _ = summary_rows(values)
    assert headings == ["", "PSNR [dB]", "PSNR, past [dB]"]
