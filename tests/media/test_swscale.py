"""FFmpeg's scaler, asked in two conversions, gives the numbers of our own; what it gets wrong it is not asked for."""

import av
import numpy as np
import pytest
import torch

from invsolve.media.streams.colour import to_rgb
from invsolve.media.streams.planes import planes_of
from invsolve.media.streams.swscale import Swscale

LEVEL = 1 / 255


def noise(form: str, width: int, height: int) -> av.VideoFrame:
    frame, rng = av.VideoFrame(width, height, form), np.random.default_rng(0)
    bits = frame.format.components[0].bits
    for plane in frame.planes:
        values = rng.integers(0, 2**bits, plane.buffer_size // (1 + (bits > 8)))
        plane.update(values.astype("<u2" if bits > 8 else "u1").tobytes())
    return frame


@pytest.mark.parametrize(
    ("form", "matrix"),
    [
        ("yuv420p", "bt601"),
        ("yuv422p", "bt709"),
        ("yuv444p", "fcc"),
        ("yuv420p10le", "bt2020"),
        ("yuv422p12le", "smpte240m"),
        ("yuv444p10le", "bt709"),
    ],
)
@pytest.mark.parametrize(("width", "height"), [(130, 34), (16, 18)])
def test_the_numbers_are_ours(form, matrix, width, height):
    frame, swscale = noise(form, width, height), Swscale()
    assert swscale.serves(frame, "limited")
    for centred, row_sited in ((False, False), (True, False), (False, True)):
        ours = to_rgb(planes_of(frame, "here"), matrix, "limited", centred=centred, row_sited=row_sited)
        theirs = swscale.to_rgb(frame, matrix, centred=centred, row_sited=row_sited, out=None)
        torch.testing.assert_close(theirs, ours, rtol=0, atol=0.001 * LEVEL)


def test_a_frame_is_written_where_it_is_wanted():
    frame, room = noise("yuv420p", 64, 48), torch.zeros(3, 2, 48, 64)
    written = Swscale().to_rgb(frame, "bt709", centred=False, row_sited=False, out=room[:, 1])
    assert written.data_ptr() == room[:, 1].data_ptr() and room[:, 1].any() and not room[:, 0].any()


@pytest.mark.parametrize(
    ("form", "width", "height", "span"),
    [
        ("yuv420p", 65, 48, "limited"),
        ("yuv420p", 64, 49, "limited"),
        ("yuv420p", 6, 4, "limited"),
        ("yuv420p", 64, 48, "full"),
        ("yuvj420p", 64, 48, "full"),
        ("yuv411p", 64, 48, "limited"),
        ("yuv444p16le", 64, 48, "limited"),
        ("gbrp", 64, 48, "limited"),
    ],
)
def test_it_is_not_asked_for_what_it_gets_wrong(form, width, height, span):
    assert not Swscale().serves(noise(form, width, height), span)
