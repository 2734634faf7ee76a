"""Blur kernels by name: float64 arrays ``h w`` of non-negative numbers with sum 1, their origin at ``h//2, w//2``."""

from collections.abc import Mapping
from math import ceil, cos, sin
from typing import Final, Literal

import numpy as np

from invsolve.errors import ComponentError
from invsolve_operators.spectra.time_matrix import Matrix

Shape = Literal["gaussian", "motion", "defocus", "camera_shake"]

POINTS_PER_PIXEL: Final = 32  # of a streak
LARGEST: Final = 4_096  # pixels across
SHAKE_POINTS: Final = 4000  # of a hand's path


def gaussian_kernel(std: float, size: int | None) -> Matrix:
    """``exp(-r^2 / (2 std^2))`` at the pixel centres; `std` in pixels, `size` by default ``2 ceil(4 std) + 1``."""
    size = 2 * ceil(4 * std) + 1 if size is None else size
    line = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * std**2))
    kernel = np.outer(line, line)
    return np.asarray(kernel / kernel.sum())


def motion_kernel(length: float, angle: float, size: int | None) -> Matrix:
    """A straight streak of `length` pixels at `angle` radians from the x axis, counter-clockwise as seen on screen.

    A point moves at constant speed; its light falls on the four nearest pixels by bilinear weights.
    """
    size = 2 * ceil(length / 2) + 1 if size is None else size
    points = max(2, round(POINTS_PER_PIXEL * length))
    along = ((np.arange(points) + 0.5) / points - 0.5) * length
    return splat(-along * sin(angle), along * cos(angle), size)


def defocus_kernel(radius: float, size: int | None) -> Matrix:
    """A uniform disc of `radius` pixels: each pixel's share of the disc, by 16 x 16 points per pixel."""
    size = 2 * ceil(radius) + 1 if size is None else size
    fine = 16
    offsets = (np.arange(size * fine) + 0.5) / fine - 0.5 - size // 2
    inside = np.hypot(offsets[:, None], offsets[None, :]) <= radius
    kernel = inside.reshape(size, fine, size, fine).sum((1, 3)).astype(np.float64)
    # A disc smaller than the grid of points is a point.
    if kernel.sum() == 0:
        kernel[size // 2, size // 2] = 1
    return np.asarray(kernel / kernel.sum())


def camera_shake_kernel(size: int, seed: int) -> Matrix:
    """The path of a point of light while a hand holds the camera, in a square of `size` pixels.

    The velocity is a stationary Gaussian process with a correlation time of a quarter of the exposure (an
    Ornstein-Uhlenbeck process), so the path is smooth and may turn, linger and cross itself. The path is centred on its
    mean, so that it does not move the picture, and scaled to reach the rim of the square.
    """
    draws = np.random.Generator(np.random.PCG64DXSM(seed)).standard_normal((SHAKE_POINTS, 2))
    keep = np.exp(-4 / SHAKE_POINTS)
    velocity = np.empty_like(draws)
    velocity[0] = draws[0]
    for k in range(1, SHAKE_POINTS):
        velocity[k] = keep * velocity[k - 1] + np.sqrt(1 - keep**2) * draws[k]
    path = np.cumsum(velocity, axis=0)
    path -= path.mean(axis=0)
    path *= (size // 2) / np.abs(path).max()
    return splat(path[:, 0], path[:, 1], size)


def splat(y: Matrix, x: Matrix, size: int) -> Matrix:
    """Points at ``y x`` pixels from the origin as an image of sum 1; what falls outside is lost."""
    kernel = np.zeros((size + 2, size + 2))
    rows, columns = y + size // 2 + 1, x + size // 2 + 1
    inside = (rows > 0) & (rows < size + 1) & (columns > 0) & (columns < size + 1)
    rows, columns = rows[inside], columns[inside]
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - top, columns - left
    for row, column, share in (
        (top, left, (1 - down) * (1 - right)),
        (top, left + 1, (1 - down) * right),
        (top + 1, left, down * (1 - right)),
        (top + 1, left + 1, down * right),
    ):
        np.add.at(kernel, (row, column), share)
    kernel = kernel[1:-1, 1:-1]
    return np.asarray(kernel / kernel.sum())


_NEEDED: Final[Mapping[Shape, tuple[str, ...]]] = {
    "gaussian": ("std",),
    "motion": ("length",),
    "defocus": ("radius",),
    "camera_shake": (),
}
_ALLOWED: Final[Mapping[Shape, tuple[str, ...]]] = {
    "gaussian": ("std", "size"),
    "motion": ("length", "angle", "size"),
    "defocus": ("radius", "size"),
    "camera_shake": ("size", "seed"),
}


def named_kernel(name: Shape, given: dict[str, float | int | None]) -> Matrix:
    """A kernel by name from the fields that belong to it.

    Raises:
        ComponentError: for a field that is missing, and for one that the kernel does not have.
    """
    values = {field: float(value) for field, value in given.items() if value is not None}
    missing = [field for field in _NEEDED[name] if field not in values]
    stray = [field for field in values if field not in _ALLOWED[name]]
    if missing or stray:
        complaint = f"needs {missing[0]}" if missing else f"has no {stray[0]} (got {values[stray[0]]!r})"
        raise ComponentError(f"the {name} kernel {complaint}; its fields are {', '.join(_ALLOWED[name])}.")
    size = int(values["size"]) if "size" in values else None
    reaches = {"gaussian": 8 * values.get("std", 0), "motion": values.get("length", 0)}
    reach = reaches.get(name, 2 * values.get("radius", 0))
    if (wanted := size or ceil(reach)) > LARGEST:
        raise ComponentError(f"the {name} kernel would be {wanted:,} pixels wide; at most {LARGEST:,} are allowed.")
    if size is not None and size % 2 == 0:
        # more pixels lie before the origin than behind it: those stay empty, or the picture would move
        return np.pad(_shaped(name, values, size - 1), ((1, 0), (1, 0)))
    return _shaped(name, values, size)


def _shaped(name: Shape, values: dict[str, float], size: int | None) -> Matrix:
    if name == "gaussian":
        return gaussian_kernel(values["std"], size)
    if name == "motion":
        return motion_kernel(values["length"], values.get("angle", 0.0), size)
    if name == "defocus":
        return defocus_kernel(values["radius"], size)
    return camera_shake_kernel(31 if size is None else size, int(values.get("seed", 0)))
