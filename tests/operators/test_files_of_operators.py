"""Kernels, masks and curves from files that are valid but unusual, and kernels of even size."""

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from invsolve.errors import ComponentError, SpaceError
from invsolve.noise import GaussianNoise
from invsolve.operator.pipeline import Identity
from invsolve.posterior.verdict import Verdict
from invsolve_operators import CameraResponse, Convolution, Linearise, Mask, SelectFrames

KERNEL = np.array([[0, 1, 2], [3, 40, 5], [6, 7, 80]], np.uint8)
EXPECTED = KERNEL / KERNEL.sum()


def taps(path, **fields):
    return Convolution(file=path, **fields).taps.numpy()


def write_grey_alpha(path):
    Image.fromarray(np.dstack([KERNEL, np.full_like(KERNEL, 200)])).save(path)


def write_palette(path):
    Image.fromarray(KERNEL).convert("P").save(path)


def write_equal_colours(path):
    Image.fromarray(np.dstack([KERNEL] * 3)).save(path)


def write_deep_grey_alpha(path):
    path.write_bytes(imagecodecs.png_encode(np.dstack([KERNEL, KERNEL + 1]).astype(np.uint16) * 257))


def write_white_is_zero(path):
    tifffile.imwrite(path, 255 - KERNEL, photometric="miniswhite")


def write_floats(path):
    tifffile.imwrite(path, EXPECTED, photometric="minisblack")


def write_tiles(path):
    tifffile.imwrite(path, KERNEL.astype(np.uint16) * 3, photometric="minisblack", tile=(16, 16), compression="zlib")


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        ("png", write_grey_alpha),
        ("png", write_palette),
        ("png", write_equal_colours),
        ("png", write_deep_grey_alpha),
        ("tif", write_white_is_zero),
        ("tif", write_floats),
        ("tif", write_tiles),
    ],
)
def test_a_kernel_is_the_same_in_any_file(tmp_path, suffix, write):
    path = tmp_path / f"kernel.{suffix}"
    write(path)
    np.testing.assert_allclose(taps(path)[0], EXPECTED, atol=1e-12)
    mask = Mask(file=path).forward(torch.ones(1, 1, 1, 3, 3, dtype=torch.float64))
    np.testing.assert_allclose(mask[0, 0, 0], KERNEL / KERNEL.max(), atol=1e-12)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_kernel_in_colour_is_not_averaged(tmp_path, bits):
    path = tmp_path / "kernel.png"
    colours = np.dstack([KERNEL, KERNEL.T, KERNEL[::-1]])
    path.write_bytes(imagecodecs.png_encode(colours if bits == 8 else colours.astype(np.uint16) * 257))
    with pytest.raises(ComponentError, match=r"holds 3 arrays, being a picture in colour; choose one with index"):
        Mask(file=path)
    np.testing.assert_allclose(taps(path)[:, 0], [EXPECTED, EXPECTED.T, EXPECTED[::-1]], atol=1e-12)
    np.testing.assert_allclose(taps(path, index=1)[0], EXPECTED.T, atol=1e-12)
    np.testing.assert_allclose(taps(path, index=2)[0], EXPECTED[::-1], atol=1e-12)


@pytest.mark.parametrize("border", ["circular", "reflect", "replicate", "zero", "valid"])
@pytest.mark.parametrize("method", ["fft", "direct"])
def test_each_colour_is_blurred_by_its_own_kernel(tmp_path, border, method):
    colours = np.dstack([KERNEL, KERNEL.T, KERNEL[::-1]])
    (tmp_path / "kernel.png").write_bytes(imagecodecs.png_encode(colours))
    fields = {"file": tmp_path / "kernel.png", "border": border, "method": method}
    video = torch.rand(2, 3, 2, 7, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = [Convolution(index=c, **fields).forward(video[:, c : c + 1]) for c in range(3)]
    torch.testing.assert_close(Convolution(**fields).forward(video), torch.cat(expected, 1))


def test_colours_of_a_kernel_and_of_a_video_are_as_many(tmp_path):
    kernels = Convolution(values=[[KERNEL.tolist()], [KERNEL.T.tolist()]])
    with pytest.raises(SpaceError, match=r"2 kernels, one per channel, but channels is 3"):
        kernels.forward(torch.zeros(1, 3, 1, 4, 4))
    assert kernels.taps.shape == (2, 1, 3, 3)
    torch.testing.assert_close(kernels.taps.sum((2, 3)), torch.ones(2, 1, dtype=torch.float64))


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_kernels_per_channel_and_frame_in_an_array(tmp_path, suffix):
    kernels = np.stack([KERNEL, KERNEL.T, KERNEL[::-1], KERNEL[:, ::-1]]).reshape(2, 2, 3, 3)
    path = tmp_path / f"kernels.{suffix}"
    np.save(path, kernels) if suffix == "npy" else np.savez(path, kernels)
    found = Convolution(file=path)
    np.testing.assert_allclose(found.taps, kernels / KERNEL.sum(), atol=1e-12)
    video = torch.rand(1, 2, 2, 6, 6, dtype=torch.float64)
    for c, t in np.ndindex(2, 2):
        alone = Convolution(values=kernels[c, t]).forward(video[:, c : c + 1, t : t + 1])
        torch.testing.assert_close(found.forward(video)[:, c : c + 1, t : t + 1], alone)


@pytest.mark.parametrize("shape", [(1, 9), (9, 1), (1, 1), (3, 5)])
@pytest.mark.parametrize("suffix", ["txt", "csv"])
def test_text_has_rows_and_columns(tmp_path, shape, suffix):
    values = np.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape)
    np.savetxt(tmp_path / f"a.{suffix}", values, delimiter="," if suffix == "csv" else " ")
    np.testing.assert_allclose(taps(tmp_path / f"a.{suffix}")[0], values / values.sum())


@pytest.mark.parametrize("size", [2, 6, 8, 16, 31, 32])
@pytest.mark.parametrize(
    "fields",
    [
        {"kernel": "camera_shake", "seed": 156},
        {"kernel": "camera_shake", "seed": 3},
        {"kernel": "gaussian", "std": 3.0},
        {"kernel": "defocus", "radius": 9.0},
        {"kernel": "motion", "length": 20.0, "angle": 0.3},
    ],
    ids=lambda fields: "-".join(map(str, fields.values())),
)
def test_kernels_of_any_size_do_not_move_the_picture(size, fields):
    kernel = Convolution(size=size, **fields).taps[0].numpy()
    assert kernel.shape == (size, size)
    at = np.arange(size) - size // 2
    assert abs(kernel.sum(1) @ at) < 1e-9 and abs(kernel.sum(0) @ at) < 1e-9


CLEAN = np.linspace(0, 1, 256) ** 2.2


def bad(index, value):
    samples = CLEAN.copy()
    samples[index] = value
    return samples


@pytest.mark.parametrize(
    "samples",
    [bad(-1, 0.48), bad(-1, 0.0), bad(0, 0.04), bad(0, 0.5), bad([-2, -1], 0.3), bad([0, 1], 0.2), bad([0, -1], 0.5)],
    ids=["last half", "last zero", "first 4 %", "first half", "last two", "first two", "both ends"],
)
@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_a_bad_end_of_a_curve_does_no_harm(samples, scale):
    light = torch.linspace(0.05, 0.95, 50, dtype=torch.float64).reshape(1, 1, 50, 1, 1)
    for holds in ("response", "inverse"):
        mended = Linearise(curve="table", values=samples * scale, holds=holds).forward(light)
        clean = Linearise(curve="table", values=CLEAN * scale, holds=holds).forward(light)
        torch.testing.assert_close(mended, clean, rtol=0, atol=2e-3)


LEVELS = np.linspace(0, 1, 33)


def encoded(light, **fields):
    light = np.broadcast_to(light, (1, fields.pop("channels", 1), 1, 1, len(light))).copy()
    return CameraResponse(curve="table", **fields)(torch.from_numpy(light))[0, :, 0, 0].numpy()


@pytest.mark.parametrize(("suffix", "delimiter"), [("txt", " "), ("csv", ",")])
@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_a_curve_in_two_columns(tmp_path, suffix, delimiter, scale):
    """Inputs that are not equally spaced, beside the values of ``sqrt(light)``."""
    path = tmp_path / f"curve.{suffix}"
    np.savetxt(path, np.stack([LEVELS**2, LEVELS], 1) * scale, delimiter=delimiter)
    np.testing.assert_allclose(encoded(LEVELS**2, file=path, grid=0)[0], LEVELS, atol=1e-5)
    np.savetxt(path, np.stack([LEVELS, LEVELS**2], 1) * scale, delimiter=delimiter)
    np.testing.assert_allclose(encoded(LEVELS**2, file=path, grid=1)[0], LEVELS, atol=1e-5)
    with pytest.raises(ComponentError, match=r"has two columns. Write `grid: 0` .* or `columns: \[0, 1\]`"):
        CameraResponse(curve="table", file=path)
    with pytest.raises(ComponentError, match="grid: there is no column 2"):
        CameraResponse(curve="table", file=path, grid=2)


def test_a_curve_of_inputs_and_three_channels(tmp_path):
    path = tmp_path / "curve.txt"
    np.savetxt(path, np.stack([LEVELS**2, LEVELS, LEVELS**2, LEVELS**4], 1))
    found = encoded(LEVELS**2, file=path, grid=0, channels=3)
    np.testing.assert_allclose(found, [LEVELS, LEVELS**2, LEVELS**4], atol=1e-5)
    found = encoded(LEVELS**2, file=path, grid=0, columns=(2, 3, 1), channels=3)
    np.testing.assert_allclose(found, [LEVELS**2, LEVELS**4, LEVELS], atol=1e-5)


def test_two_columns_may_be_two_channels(tmp_path):
    np.savetxt(tmp_path / "curve.txt", np.stack([LEVELS, LEVELS**2], 1))
    found = encoded(LEVELS, file=tmp_path / "curve.txt", columns=(0, 1), channels=2)
    np.testing.assert_allclose(found, [LEVELS, LEVELS**2], atol=1e-5)


def test_a_noisy_curve_is_no_curve_with_bad_ends():
    noisy = CLEAN + 0.01 * np.random.default_rng(0).standard_normal(256)
    light = torch.linspace(0.1, 0.9, 50, dtype=torch.float64).reshape(1, 1, 50, 1, 1)
    curve = Linearise(curve="table", values=noisy, holds="inverse").forward(light)
    assert (curve.flatten() - light.flatten() ** 2.2).abs().max() < 0.03


@pytest.mark.parametrize(
    "operator",
    [
        Mask(keep=0.1, seed=1),
        Mask(keep=0.5, seed=1),
        Mask(values=np.tri(16)),
        Convolution(values=[[1.0, 1.0]], border="zero") @ Mask(keep=0.2, seed=2),
        SelectFrames(indices=(1,), frames=2) @ Mask(keep=0.5, seed=3),
    ],
    ids=["a tenth", "half", "a triangle", "blurred", "one frame"],
)
def test_chi_square_counts_what_is_seen(operator):
    generator = torch.Generator().manual_seed(0)
    truth = torch.rand(1, 3, 2, 16, 16, generator=generator, dtype=torch.float64)
    seen = operator.forward(torch.ones_like(truth)) > 0
    noise = 0.02 * torch.randn(seen.shape, generator=generator, dtype=torch.float64)
    observation = operator.forward(truth) + noise * seen
    verdict = Verdict.of(truth[None], observation, operator, GaussianNoise(std=0.02))
    wanted = (noise / 0.02).square()[seen].mean()
    torch.testing.assert_close(verdict.chi_square[0, 0], wanted)
    assert 0.8 < wanted < 1.2
    everywhere = 0.02 * torch.randn(truth.shape, generator=generator, dtype=torch.float64)
    whole = Verdict.of(truth[None], truth + everywhere, Identity(), GaussianNoise(std=0.02))
    torch.testing.assert_close(whole.chi_square[0, 0], (everywhere / 0.02).square().mean())
