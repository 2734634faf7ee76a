"""Camera raw files are linear light, and never their preview."""

import numpy as np
import pytest
import tifffile

from invsolve.media import ImageReader, ReadContext

pytest.importorskip("rawpy")
XYZ_TO_SRGB = (3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560, 0.0556434, -0.2040259, 1.0572252)


def write_dng(path, mosaic, *, white=65535, preview=False):
    """A DNG of a camera whose own colours are sRGB's."""
    matrix = [number for entry in XYZ_TO_SRGB for number in (round(10000 * entry), 10000)]
    version = [(50706, 1, 4, bytes([1, 4, 0, 0]), True), (50707, 1, 4, bytes([1, 1, 0, 0]), True)]
    camera = [
        (50708, 2, 0, "test camera", True),
        (50721, 10, 9, matrix, True),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),
        (50778, 3, 1, 21, True),
    ]
    pattern = [(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True), (50717, 4, 1, white, True)]
    with tifffile.TiffWriter(path) as writer:
        if preview:
            small = np.zeros((8, 8, 3), np.uint8)
            writer.write(small, photometric="rgb", subfiletype=1, subifds=1, extratags=version + camera, metadata=None)
            writer.write(mosaic, photometric="cfa", extratags=pattern, subfiletype=0, metadata=None)
        else:
            tags = version + camera + pattern
            writer.write(mosaic, photometric="cfa", extratags=tags, subfiletype=0, metadata=None)
    return path


@pytest.mark.parametrize("suffix", ["dng", "tif"])
@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("white", [65535, 4095])
def test_light_is_linear_and_nothing_is_brightened(tmp_path, suffix, preview, white):
    mosaic = np.full((64, 96), white // 2, np.uint16)
    mosaic[:, :48] = white // 8
    recording = ImageReader(path=write_dng(tmp_path / f"a.{suffix}", mosaic, white=white, preview=preview)).read(
        ReadContext()
    )
    assert recording.space.transfer == "linear"
    assert recording.space.shape == (3, 1, 64, 96)
    assert "LibRaw" in recording.notes[0]
    dark, bright = recording.video[0, :, 0, 32, 10], recording.video[0, :, 0, 32, 80]
    np.testing.assert_allclose(dark, 1 / 8, atol=2e-3)
    np.testing.assert_allclose(bright, 1 / 2, atol=2e-3)
