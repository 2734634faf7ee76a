"""Spatial operators against direct sums and independent implementations."""

from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.io import savemat

from invsolve import VideoSpace, pipeline
from invsolve.errors import ComponentError, ReadError, SpaceError
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve_operators import Convolution, Downsample, Mask, Mosaic, TemporalAverage, Warp

SKEW = ((1.0, 2.0, 0.0), (0.0, 3.0, 1.0), (0.0, 0.0, 1.0))
EVEN = ((1.0, 2.0, 3.0, 4.0), (2.0, 3.0, 4.0, 5.0))


def picture(h: int, w: int, t: int = 1, c: int = 1, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, c, t, h, w, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("border", "mode"), [("circular", "wrap"), ("reflect", "mirror"), ("replicate", "nearest"), ("zero", "constant")]
)
@pytest.mark.parametrize("kernel", [SKEW, EVEN])
@pytest.mark.parametrize("method", ["fft", "direct"])
def test_convolution_is_its_sum_and_scipys(
    border: str, mode: str, kernel: tuple[tuple[float, ...], ...], method: str
) -> None:
    x = picture(7, 9)
    y = Convolution(values=kernel, border=border, method=method, normalise=False)(x)
    taps = np.array(kernel)
    np.testing.assert_allclose(y[:, 0, 0].numpy(), _direct_sum(x, taps, border), rtol=0, atol=1e-12)
    if taps.shape[0] % 2:
        scipys = [scipy.ndimage.convolve(item[0, 0].numpy(), taps, mode=mode) for item in x]
        np.testing.assert_allclose(y[:, 0, 0].numpy(), np.stack(scipys), rtol=0, atol=1e-12)


def _direct_sum(x: torch.Tensor, taps: np.ndarray, border: str) -> np.ndarray:
    kh, kw = taps.shape
    mode = {"circular": "wrap", "reflect": "reflect", "replicate": "edge", "zero": "constant"}[border]
    wide = np.pad(x[:, 0, 0].numpy(), ((0, 0), (kh, kh), (kw, kw)), mode=mode)
    h, w = x.shape[-2:]
    total = np.zeros((len(x), h, w))
    for i in range(kh):
        for j in range(kw):
            top, left = kh - (i - kh // 2), kw - (j - kw // 2)
            total += taps[i, j] * wide[:, top : top + h, left : left + w]
    return total


@pytest.mark.parametrize("border", ["circular", "reflect", "replicate", "zero", "valid"])
@pytest.mark.parametrize("kernel", [SKEW, EVEN, (SKEW, ((0.0, 1.0, 0.0),) * 3)])
def test_fft_and_direct_agree(border: str, kernel: tuple[object, ...]) -> None:
    x = picture(6, 7, t=2)
    fft, direct = (Convolution(values=kernel, border=border, method=method) for method in ("fft", "direct"))
    y = fft(x)
    torch.testing.assert_close(y, direct(x), rtol=0, atol=1e-14)
    torch.testing.assert_close(fft.adjoint(y), direct.adjoint(y), rtol=0, atol=1e-14)


def test_the_demo_kernel_keeps_the_mean_and_the_place() -> None:
    operator = Convolution(kernel="camera_shake", size=31, seed=0)
    taps = operator.taps[0].numpy()
    assert taps.min() >= 0
    assert taps.sum() == pytest.approx(1, abs=1e-12)
    centre = [float((taps * (np.indices(taps.shape)[axis] - 15)).sum()) for axis in (0, 1)]
    np.testing.assert_allclose(centre, 0, atol=1e-9)
    x = picture(40, 33)
    torch.testing.assert_close(operator(x).mean((2, 3, 4)), x.mean((2, 3, 4)), rtol=0, atol=1e-14)
    assert not np.array_equal(taps, Convolution(kernel="camera_shake", size=31, seed=1).taps[0].numpy())


def test_named_kernels_have_their_shape() -> None:
    gaussian = Convolution(kernel="gaussian", std=1.5).taps[0].numpy()
    offsets = np.arange(len(gaussian)) - len(gaussian) // 2
    assert (gaussian.sum(0) * offsets**2).sum() == pytest.approx(1.5**2, rel=1e-3)
    motion = Convolution(kernel="motion", length=9.0, angle=np.pi / 2).taps[0].numpy()
    middle = motion.shape[1] // 2
    assert motion[:, middle].sum() == pytest.approx(1, abs=1e-12)
    assert motion[:, middle].std() < motion[:, middle].mean()
    diagonal = Convolution(kernel="motion", length=9.0, angle=np.pi / 4).taps[0].numpy()
    assert diagonal[3, 7] > 0  # up and to the right
    assert diagonal[3, 3] == 0
    disc = Convolution(kernel="defocus", radius=4.0).taps[0].numpy()
    assert disc.max() == pytest.approx(1 / (np.pi * 16), rel=0.01)


def test_blurred_average_is_diagonal_and_equals_conjugate_gradients_and_dense_algebra() -> None:
    operator = pipeline(Convolution(values=SKEW), TemporalAverage(frames=3, shutter="gaussian"))
    x, y = picture(4, 5, t=3, seed=1), picture(4, 5, seed=2)
    space, r2, s2 = VideoSpace.of(x), 0.6, 0.05
    assert operator.spectrum(space, torch.float64, torch.device("cpu")) is not None
    closed = operator.prox(x, y, r2, s2)
    solved = conjugate_gradients(lambda v: operator.gram(v, r2, s2), y - operator(x))
    torch.testing.assert_close(closed, x + r2 * operator.adjoint(solved), rtol=0, atol=1e-11)
    size = x[0].numel()
    basis = torch.eye(size, dtype=torch.float64).reshape(size, *x.shape[1:])
    dense = operator(basis).reshape(size, -1).T
    system = dense.T @ dense / s2 + torch.eye(size, dtype=torch.float64) / r2
    right = y.reshape(2, -1) @ dense / s2 + x.reshape(2, -1) / r2
    torch.testing.assert_close(closed.reshape(2, -1), torch.linalg.solve(system, right.T).T, rtol=0, atol=1e-12)


@pytest.mark.parametrize("factor", [2, 3])
def test_bicubic_is_torchs_antialiased(factor: int) -> None:
    x = picture(12, 18, t=2, c=3)
    y = Downsample(factor=factor, method="bicubic")(x)
    for n in range(2):
        expected = F.interpolate(x[:, :, n], scale_factor=1 / factor, mode="bicubic", antialias=True)
        torch.testing.assert_close(y[:, :, n], expected, rtol=0, atol=1e-14)


def test_warp_looks_where_the_flow_points() -> None:
    x = picture(6, 7)
    flow = np.zeros((2, 6, 7))
    flow[0], flow[1] = 1, -2
    y = Warp(values=flow)(x)
    expected = torch.zeros_like(x)
    expected[..., :5, 2:] = x[..., 1:, :5]
    assert torch.equal(y, expected)
    half = Warp(values=flow, scale=0.5, border="replicate")(x)
    rows, columns = np.meshgrid(np.arange(6) + 0.5, np.arange(7) - 1.0, indexing="ij")
    looked_up = scipy.ndimage.map_coordinates(x[0, 0, 0].numpy(), [rows, columns], order=1, mode="nearest")
    np.testing.assert_allclose(half[0, 0, 0].numpy(), looked_up, rtol=0, atol=1e-14)


def test_mask_is_seeded_and_keeps_its_share() -> None:
    x = torch.ones(1, 3, 2, 100, 100)
    y = Mask(keep=0.3, seed=5)(x)
    assert torch.equal(y, Mask(keep=0.3, seed=5)(x))
    assert torch.equal(y[:, :, 0], y[:, :, 1])
    assert float(y.mean()) == pytest.approx(0.3, abs=0.02)
    anew = Mask(keep=0.3, seed=5, per_frame=True)(x)
    assert not torch.equal(anew[:, :, 0], anew[:, :, 1])
    hidden = Mask(hide=(10, 20, 30, 40))(x)
    assert float(hidden[..., 10:40, 20:60].abs().max()) == 0
    assert float(hidden.sum()) == 3 * 2 * (100 * 100 - 30 * 40)


def test_mosaic_sees_one_colour_per_pixel() -> None:
    x = picture(3, 5, c=3)
    y = Mosaic(pattern="gbrg")(x)
    assert torch.equal(y[:, 0, :, 0::2, 0::2], x[:, 1, :, 0::2, 0::2])
    assert torch.equal(y[:, 0, :, 0::2, 1::2], x[:, 2, :, 0::2, 1::2])
    assert torch.equal(y[:, 0, :, 1::2, 0::2], x[:, 0, :, 1::2, 0::2])
    assert torch.equal(y[:, 0, :, 1::2, 1::2], x[:, 1, :, 1::2, 1::2])


def test_kernels_from_files(tmp_path: Path) -> None:
    taps = np.array(SKEW)
    np.save(tmp_path / "one.npy", taps)
    np.savez(tmp_path / "many.npz", a=taps, b=taps.T)
    np.savetxt(tmp_path / "one.csv", taps, delimiter=",")
    cell = np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = taps, taps.T
    savemat(tmp_path / "cell.mat", {"kernels": cell})
    Image.fromarray((taps * 80).astype(np.uint8)).save(tmp_path / "one.png")
    expected = torch.from_numpy(taps / taps.sum())
    for kwargs in (
        {"file": tmp_path / "one.npy"},
        {"file": str(tmp_path / "one.csv")},
        {"file": tmp_path / "many.npz", "variable": "a"},
        {"file": tmp_path / "cell.mat", "index": 0},
        {"file": tmp_path / "one.png"},
    ):
        torch.testing.assert_close(Convolution(**kwargs).taps[0], expected)
    torch.testing.assert_close(Convolution(file=tmp_path / "cell.mat", index=1).taps[0], expected.T)


def test_kernels_from_new_matlab_files(tmp_path: Path) -> None:
    import h5py

    taps = np.array(EVEN)
    with h5py.File(tmp_path / "new.mat", "w") as file:
        file["#refs#/a"] = taps.T
        file.create_dataset("kernels", data=np.array([[file["#refs#/a"].ref]], dtype=h5py.ref_dtype))
        file["plain"] = taps.T
    for variable, index in (("kernels", 0), ("plain", None)):
        found = Convolution(file=tmp_path / "new.mat", variable=variable, index=index, normalise=False).taps[0]
        assert torch.equal(found, torch.from_numpy(taps))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda _: Convolution(), ComponentError, "one of kernel, values and file, got none"),
        (lambda _: Convolution(kernel="gausian", std=1.0), ComponentError, "Did you mean 'gaussian'"),
        (lambda _: Convolution(kernel="gaussian"), ComponentError, "gaussian kernel needs std"),
        (lambda _: Convolution(kernel="gaussian", std=1.0, radius=2.0), ComponentError, "has no radius"),
        (
            lambda _: Convolution(kernel="gaussian", std=-1.0),
            ComponentError,
            "Convolution.std must be a finite number > 0",
        ),
        (lambda _: Convolution(values=SKEW, std=1.0), ComponentError, "std belongs to a named kernel"),
        (lambda _: Convolution(values=((1.0, 2.0), (1.0,))), ComponentError, "rectangular"),
        (lambda _: Convolution(values=((1.0, -1.0),)), ComponentError, "normalise: false"),
        (lambda _: Convolution(values=((1.0, "a"),)), ComponentError, "must hold numbers, got 'a'"),
        (lambda folder: Convolution(file=folder / "none.npy"), ReadError, "there is no file .*none.npy"),
        (lambda folder: Convolution(file=folder / "none.jpg"), ReadError, "cannot read a .jpg file"),
        (lambda folder: Convolution(file=folder / "broken.npy"), ReadError, "not a readable .npy"),
        (lambda folder: Convolution(file=folder / "broken.mat"), ReadError, "not a readable .mat"),
        (lambda folder: Convolution(file=folder / "two.npz"), ComponentError, "holds a, b; choose one with variable"),
        (lambda folder: Convolution(file=folder / "two.npz", variable="c"), ComponentError, "no variable 'c'"),
        (lambda folder: Convolution(file=folder / "two.npz", variable="a", index=7), ComponentError, "index 7 is out"),
        (lambda _: Mask(), ComponentError, "one of keep, hide, values and file"),
        (lambda _: Mask(keep=1.5), ComponentError, "Mask.keep must be a finite number > 0 and <= 1, got 1.5"),
        (lambda _: Mask(values=((2.0,),)), ComponentError, r"must lie in \[0, 1\]"),
        (lambda _: Mask(hide=(0, 0, 0, 3)), ComponentError, "hide must be"),
        (lambda _: Mosaic(pattern="rgb"), ComponentError, "four letters"),
        (lambda _: Warp(), ComponentError, "values or file"),
        (lambda _: Warp(values=np.zeros((3, 2, 2))), ComponentError, "an optical flow has shape 2 h w"),
        (lambda _: Downsample(factor=0), ComponentError, "Downsample.factor"),
    ],
)
def test_bad_fields_are_named(make: object, error: type[Exception], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", a=np.ones((2, 2)), b=np.ones(3))
    (tmp_path / "broken.npy").write_bytes(b"not an array")
    (tmp_path / "broken.mat").write_bytes(b"not an array")
    with pytest.raises(error, match=message):
        make(tmp_path)


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        (Convolution(values=np.ones((9, 9)), border="reflect"), "height is 4.*needs at least 5"),
        (Convolution(values=np.ones((9, 9)), border="valid"), "height is 4.*needs at least 9"),
        (Convolution(values=np.ones((3, 2, 2))), "3 kernels, one per frame, but frames is 1"),
        (Downsample(factor=3), "height that is a multiple of 3, got 4; 3 or 6 would do"),
        (Mask(values=np.ones((2, 2))), r"mask has shape t h w = \(1, 2, 2\)"),
        (Mask(hide=(3, 0, 2, 2)), "height >= 5, got 4"),
        (Warp(values=np.zeros((2, 3, 3))), "the optical flow has t h w"),
        (Mosaic(), "channels = 3"),
    ],
)
def test_frames_that_do_not_fit(operator: Convolution, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        operator.output_space(VideoSpace(frames=1, height=4, width=5, channels=1))
    with pytest.raises(SpaceError, match=message):
        operator(torch.zeros(1, 1, 1, 4, 5))


def test_a_kernel_larger_than_the_frame_wraps_around() -> None:
    x = picture(4, 5)
    taps = np.random.default_rng(0).random((9, 12))
    found = Convolution(values=taps, normalise=False)(x)[:, 0, 0].numpy()
    np.testing.assert_allclose(found, _direct_sum(x, taps, "circular"), rtol=0, atol=1e-12)
