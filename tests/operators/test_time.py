"""Operators over time against sums written out."""

import numpy as np
import pytest
import torch

from invsolve import VideoSpace
from invsolve.errors import ComponentError, SpaceError
from invsolve_operators import DownsampledAverage, ExposureAverage, RollingShutter, SelectFrames, TemporalAverage


def clip(t: int, h: int = 3, w: int = 2, c: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, c, t, h, w, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_average_is_the_mean_of_each_exposure() -> None:
    x = clip(16)
    y = TemporalAverage(frames=8)(x)
    torch.testing.assert_close(y, torch.stack([x[:, :, :8].mean(2), x[:, :, 8:].mean(2)], dim=2), rtol=0, atol=1e-15)


def test_average_forgets_the_order_of_frames() -> None:
    x = clip(8)
    operator = TemporalAverage(frames=8)
    torch.testing.assert_close(operator(x), operator(x.flip(2)), rtol=0, atol=1e-15)


def test_pseudo_inverse_spreads_the_blurred_frame() -> None:
    y = clip(1)
    torch.testing.assert_close(TemporalAverage(frames=5).pseudo_inverse(y), y.expand(-1, -1, 5, -1, -1))


def test_singular_value_and_prox_of_one_exposure() -> None:
    weights = np.array([1.0, 2.0, 3.0])
    operator = TemporalAverage(frames=3, weights=weights)
    w = torch.tensor(weights / weights.sum()).reshape(1, 1, 3, 1, 1)
    x, y = clip(3, seed=1), clip(1, seed=2)
    square = float((w**2).sum())
    assert operator.norm(VideoSpace.of(x)) == pytest.approx(square**0.5, rel=1e-12)
    r2, s2 = 0.7, 0.2
    expected = x + r2 * w * (y - (w * x).sum(2, keepdim=True)) / (s2 + r2 * square)
    torch.testing.assert_close(operator.prox(x, y, r2, s2), expected, rtol=0, atol=1e-14)
    torch.testing.assert_close(operator.gram_solve(y, r2, s2), y / (r2 * square + s2), rtol=0, atol=1e-14)


def test_windows_with_stride_offset_and_dead_time() -> None:
    x = clip(11)
    y = TemporalAverage(frames=3, stride=2, offset=4)(x)
    expected = torch.stack([x[:, :, 4 + 2 * m : 7 + 2 * m].mean(2) for m in range(3)], dim=2)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-15)
    spaced = TemporalAverage(frames=3, dead_frames=1)(x)
    expected = torch.stack([x[:, :, 4 * m : 4 * m + 3].mean(2) for m in range(3)], dim=2)
    torch.testing.assert_close(spaced, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("shutter", ["box", "trapezoid:0.3", "trapezoid:0.5", "gaussian", "gaussian:0.1"])
def test_shutters_integrate_their_shape(shutter: str) -> None:
    fine = (np.arange(70_000) + 0.5) / 70_000
    name, _, text = shutter.partition(":")
    width = float(text or 0.25)
    shape = {
        "box": np.ones_like(fine),
        "trapezoid": np.minimum(1, np.minimum(fine, 1 - fine) / width),
        "gaussian": np.exp(-((fine - 0.5) ** 2) / (2 * width**2)),
    }[name]
    expected = shape.reshape(7, -1).sum(1) / shape.sum()
    pulse = torch.eye(7, dtype=torch.float64).reshape(7, 1, 7, 1, 1)
    found = TemporalAverage(frames=7, shutter=shutter)(pulse).flatten().numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
    assert found.sum() == pytest.approx(1, abs=1e-14)


def test_temporal_stride_averages_every_kth_frame() -> None:
    x = clip(40)
    y = DownsampledAverage(frames=10, stride=4)(x)
    torch.testing.assert_close(y, x[:, :, ::4].mean(2, keepdim=True), rtol=0, atol=1e-15)


def test_block_average_and_its_closed_forms() -> None:
    x = clip(4, h=4, w=6)
    operator = DownsampledAverage(frames=4, block=2)
    expected = x.mean(2, keepdim=True).reshape(2, 2, 1, 2, 2, 3, 2).mean((4, 6))
    torch.testing.assert_close(operator(x), expected, rtol=0, atol=1e-15)
    assert operator.norm(VideoSpace.of(x)) == pytest.approx(1 / (2 * 2.0), rel=1e-12)
    y = clip(1, h=2, w=3)
    nearest = y.repeat_interleave(2, 3).repeat_interleave(2, 4).expand(-1, -1, 4, -1, -1)
    torch.testing.assert_close(operator.pseudo_inverse(y), nearest, rtol=0, atol=1e-14)


def test_exposures_count_parts_of_frames() -> None:
    x = clip(5)
    operator = ExposureAverage(frames=5, intervals_frames=[[-0.5, 1.25], [2.0, 3.0]], origin=1.0)
    first = (0.5 * x[:, :, 0] + x[:, :, 1] + 0.25 * x[:, :, 2]) / 1.75
    torch.testing.assert_close(operator(x), torch.stack([first, x[:, :, 3]], dim=2), rtol=0, atol=1e-14)


def test_exposures_in_seconds_are_exposures_in_frames() -> None:
    x = clip(6)
    seconds = ExposureAverage(frames=6, intervals_seconds=[[0.0, 0.0125], [0.015, 0.025]], frame_rate=240.0)
    frames = ExposureAverage(frames=6, intervals_frames=[[0.0, 3.0], [3.6, 6.0]])
    torch.testing.assert_close(seconds(x), frames(x), rtol=0, atol=1e-14)
    assert seconds.input_space(VideoSpace(frames=2, height=3, width=2, channels=2)).frame_rate == 240.0


def test_rolling_shutter_reads_rows_late() -> None:
    x = clip(4, h=4)
    y = RollingShutter(readout_frames=2.0, exposure_frames=1.0, stride=1)(x)
    for h in range(4):
        late = h / 2  # row h starts 2 h / 4 frames late
        n, part = int(late), late % 1
        for m in range(2):
            expected = (1 - part) * x[:, :, m + n, h] + (part * x[:, :, m + n + 1, h] if part else 0)
            torch.testing.assert_close(y[:, :, m, h], expected, rtol=0, atol=1e-14)


def test_rolling_shutter_from_below_is_the_mirror_image() -> None:
    x = clip(3, h=5)
    down, up = (RollingShutter(readout_frames=1.7, direction=way) for way in ("down", "up"))
    torch.testing.assert_close(up(x), down(x.flip(3)).flip(3), rtol=0, atol=1e-15)


def test_select_frames_interpolates_between_keys() -> None:
    x = clip(9)
    assert torch.equal(SelectFrames(every=4)(x), x[:, :, [0, 4, 8]])
    assert torch.equal(SelectFrames(indices=(5, 1), frames=9)(x), x[:, :, [5, 1]])


@pytest.mark.parametrize(
    ("operator", "frames", "needed"),
    [
        (TemporalAverage(frames=8), 5, "8, 16, 24"),
        (TemporalAverage(frames=4, stride=3, offset=1), 6, "5, 8, 11"),
        (DownsampledAverage(frames=10, stride=4), 39, "multiple of frames x stride = 40"),
        (SelectFrames(every=8), 8, "1, 9, 17"),
        (RollingShutter(readout_frames=2.5), 3, "4, 8"),
        (ExposureAverage(frames=6, intervals_frames=[[0.0, 1.0]]), 5, "frames=6"),
    ],
)
def test_wrong_numbers_of_frames_say_what_is_needed(operator: TemporalAverage, frames: int, needed: str) -> None:
    space = VideoSpace(frames=frames, height=4, width=4)
    with pytest.raises(SpaceError, match=f"{frames} along frames|{needed}") as raised:
        operator.output_space(space)
    assert needed in str(raised.value)
    with pytest.raises(SpaceError):
        operator(torch.zeros(1, 3, frames, 4, 4))


@pytest.mark.parametrize("transfer", ["srgb", "gamma:2.2"])
@pytest.mark.parametrize(
    "make",
    [
        lambda transfer: TemporalAverage(frames=2, transfer=transfer),
        lambda transfer: DownsampledAverage(frames=2, transfer=transfer),
        lambda transfer: ExposureAverage(frames=2, intervals_frames=[[0.0, 2.0]], transfer=transfer),
        lambda transfer: RollingShutter(readout_frames=1.0, transfer=transfer),
    ],
)
def test_averages_refuse_encoded_values_unless_told(make: object, transfer: str) -> None:
    space = VideoSpace(frames=2, height=4, width=4, transfer=transfer)
    with pytest.raises(SpaceError, match=f"transfer '{transfer}'.*linearise.*transfer: ignore"):
        make("require").output_space(space)
    assert make("ignore").output_space(space).transfer == transfer
    for light in ("linear", "unknown"):
        assert make("require").output_space(VideoSpace(frames=2, height=4, width=4, transfer=light)).transfer == light


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TemporalAverage(frames=0), r"TemporalAverage.frames must be a whole number >= 1, got 0"),
        (lambda: TemporalAverage(frames=2.0), r"TemporalAverage.frames"),
        (lambda: TemporalAverage(frames=2, stride=2, dead_frames=1), "not both"),
        (lambda: TemporalAverage(frames=2, shutter="disc"), "shutter must be 'box'.*'disc'"),
        (lambda: TemporalAverage(frames=2, shutter="trapezoid:0.7"), "0 < ramp <= 0.5"),
        (lambda: TemporalAverage(frames=2, shutter="box:1"), "no parameter"),
        (lambda: TemporalAverage(frames=2, weights=(1.0,)), "weights must be 2 numbers"),
        (lambda: TemporalAverage(frames=2, weights=(1.0, -1.0)), "weights must be 2 numbers >= 0"),
        (lambda: TemporalAverage(frames=2, weights=(1.0, 1.0), shutter="gaussian"), "not both"),
        (lambda: TemporalAverage(frames=2, transfer="linear"), "one of require, ignore"),
        (lambda: ExposureAverage(frames=4), "give either intervals_frames or intervals_seconds"),
        (lambda: ExposureAverage(frames=4, intervals_frames=[[0.0, 5.0]]), "leaves the clip.*0 to 4"),
        (lambda: ExposureAverage(frames=4, intervals_frames=[[1.0, 1.0]]), "empty"),
        (lambda: ExposureAverage(frames=4, intervals_seconds=[[0.0, 1.0]]), "needs frame_rate"),
        (lambda: ExposureAverage(frames=4, intervals_frames=[[0.0, 1.0, 2.0]]), "pair"),
        (SelectFrames, "give every"),
        (lambda: SelectFrames(indices=(0, 9), frames=4), "from 0 to 3"),
        (lambda: SelectFrames(indices=(0, 0), frames=4), "different"),
        (lambda: SelectFrames(indices=(0,)), "belong together"),
        (lambda: RollingShutter(readout_frames=-1.0), "RollingShutter.readout_frames must be a finite number >= 0"),
        (lambda: RollingShutter(readout_frames=1.0, direction="left"), "one of down, up"),
    ],
)
def test_bad_fields_are_named(make: object, message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        make()


def test_another_frame_rate_than_the_exposures_assume() -> None:
    operator = ExposureAverage(frames=2, intervals_seconds=[[0.0, 0.01]], frame_rate=120.0)
    with pytest.raises(SpaceError, match="120 frames/s, but the video has 240"):
        operator.output_space(VideoSpace(frames=2, height=1, width=1, frame_rate=240.0))
