"""What is written is read back, and light that is not linear never passes an average unnoticed."""

from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from invsolve.errors import SpaceError
from invsolve.figures.display import for_display
from invsolve.media import (
    FramesReader,
    ImageReader,
    NetCDFReader,
    NpzReader,
    ReadContext,
    Recording,
    VideoReader,
    write_frames,
    write_png,
    write_video,
)
from invsolve.operator.pipeline import pipeline
from invsolve.record.recording_folder import write_recording
from invsolve.video.space import VideoSpace
from invsolve_operators import CameraResponse, Linearise, TemporalAverage

CONTEXT = ReadContext()
VIDEO = torch.rand(3, 4, 16, 24, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_and_frames_to_half_a_level(tmp_path, bits, channels):
    half = 0.5 / (2**bits - 1) + 1e-7
    write_png(tmp_path / "a.png", VIDEO[:channels, 0], bits=bits)
    found = ImageReader(path=tmp_path / "a.png").read(CONTEXT).video[0, :, 0]
    torch.testing.assert_close(found, VIDEO[:channels, 0], rtol=0, atol=half)
    write_frames(tmp_path / "frames", VIDEO[:channels], bits=bits)
    found = FramesReader(path=tmp_path / "frames").read(CONTEXT).video[0]
    torch.testing.assert_close(found, VIDEO[:channels], rtol=0, atol=half)


@pytest.mark.parametrize("transfer", ["linear", "srgb", "hlg"])
def test_a_written_recording_comes_back_bit_for_bit(tmp_path, transfer):
    """NetCDF and npz hold all 32 bits, values beyond [0, 1] too; pictures hold what a screen shows."""
    noisy = VIDEO[None] * 1.2 - 0.1
    space = VideoSpace.of(noisy, frame_rate=23.976, transfer=transfer)
    recording = Recording(video=noisy, space=space, name="a", sha256="", truth=VIDEO[None], truth_space=space)
    write_recording(tmp_path / "out", recording)
    found = NetCDFReader(path=tmp_path / "out" / "observation.nc", outside="keep").read(CONTEXT)
    assert torch.equal(found.video, noisy) and torch.equal(found.truth, VIDEO[None])
    assert found.space == space
    found = NpzReader(path=tmp_path / "out" / "observation.npz", outside="keep", transfer=transfer).read(CONTEXT)
    assert torch.equal(found.video, noisy) and torch.equal(found.truth, VIDEO[None])
    frames = FramesReader(path=tmp_path / "out" / "truth").read(CONTEXT)
    shown = for_display(VIDEO, transfer)
    torch.testing.assert_close(frames.video[0], shown, rtol=0, atol=0.5 / 255 + 1e-6)
    assert VideoReader(path=tmp_path / "out" / "truth.mp4").read(CONTEXT).space.frame_rate == pytest.approx(23.976)


def test_colours_of_a_written_video_without_a_bias(tmp_path):
    colours = torch.rand(40, 3, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
    write_video(tmp_path / "a.mp4", colours.T[:, :, None, None].expand(3, 40, 32, 32))
    recording = VideoReader(path=tmp_path / "a.mp4").read(CONTEXT)
    assert recording.space.transfer == "srgb" and recording.notes == ()
    errors = 255 * (recording.video[0, :, :, 8:24, 8:24].mean(dim=(2, 3)) - colours.T)
    assert errors.mean(1).abs().max() < 0.3
    assert errors.abs().max() < 2


def hdr(path, transfer, code, white):
    """Two frames of 10 bits, black and white paper, BT.2020."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width, stream.pix_fmt = 16, 16, "yuv420p10le"
        tags = {"color_trc": code, "color_primaries": 9, "colorspace": 9, "color_range": 1}
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number, level in enumerate((64, round(64 + 876 * white))):
            frame = av.VideoFrame(16, 16, "yuv420p10le")
            for plane, value in zip(frame.planes, (level, 512, 512), strict=True):
                plane.update(np.full(plane.buffer_size // 2, value, "<u2").tobytes())
            for name, value in tags.items():
                setattr(frame, name, value)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("transfer", "code", "white", "mean"), [("hlg", 18, 0.75, 154.9), ("pq", 16, 0.5807, 130.0)])
def test_hdr_is_averaged_as_light(tmp_path, transfer, code, white, mean):
    recording = VideoReader(path=hdr(tmp_path / "a.mkv", transfer, code, white)).read(CONTEXT)
    assert recording.space.transfer == transfer
    with pytest.raises(SpaceError, match=rf"linearise \(curve: '{transfer}'\)"):
        TemporalAverage(frames=2).output_space(recording.space)
    chain = pipeline(Linearise(curve=transfer), TemporalAverage(frames=2), CameraResponse(curve=transfer))
    assert chain.output_space(recording.space).transfer == transfer
    assert 255 * chain.forward(recording.video).mean() == pytest.approx(mean, abs=0.4)
    encoded = TemporalAverage(frames=2, transfer="ignore").forward(recording.video)
    assert 255 * encoded.mean() == pytest.approx(255 * white / 2, abs=0.4)


@pytest.mark.parametrize("transfer", ["hlg", "pq"])
def test_hdr_curves_have_gradients_everywhere(transfer):
    values = torch.linspace(0, 1, 101, dtype=torch.float64).reshape(1, 1, 101, 1, 1).requires_grad_()
    for operator in (Linearise(curve=transfer), CameraResponse(curve=transfer)):
        (slope,) = torch.autograd.grad(operator.forward(values).sum(), values)
        assert slope.isfinite().all() and (slope > 0).all()
