"""The empirical model of response: a mean curve and a basis, read from a file of the user's."""

import re
from pathlib import Path
from typing import Final

import numpy as np

from invsolve.arrays import Array, read_array
from invsolve.errors import ComponentError, ReadError

_HEADING: Final = re.compile(r"([A-Za-z]\w*?)(?:\(\s*(\d+)\s*\)|(\d+))?\s*(?:\[\s*\d*\s*\])?\s*=")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def read_emor(path: Path, coefficients: Array) -> tuple[Array, Array]:
    """The curve ``f0 + sum_i c_i h_i`` and the grid that it is sampled on; ``c`` is ``k`` or ``channels x k``.

    The file is the published text (``E = ...``, ``f0 = ...``, ``h(1) = ...``), the same numbers as C arrays (``f0[] =
    {...}``, ``h1[] = ...``), or an ``.npz`` or ``.mat`` file with ``f0`` and ``h``, a row per basis curve. Without a
    grid the samples are equally spaced. The result has a column per channel.

    Raises:
        ReadError: for a file without these numbers.
        ComponentError: for more coefficients than basis curves.

    References:
        Grossberg and Nayar 2004, eq. 7.
    """
    grid, mean, basis = _read_binary(path) if path.suffix.lower() in (".npz", ".mat") else _read_text(path)
    rows = np.atleast_2d(coefficients)
    if rows.shape[1] > len(basis):
        raise ComponentError(f"{rows.shape[1]} coefficients, but {path} holds {len(basis)} basis curves.")
    return grid, mean[:, None] + (rows @ basis[: rows.shape[1]]).T


def _read_binary(path: Path) -> tuple[Array, Array, Array]:
    mean = read_array(path, "f0").ravel()
    basis = read_array(path, "h")
    if basis.ndim != 2 or mean.size not in basis.shape:
        raise ReadError(f"{path}: h has shape {basis.shape}, not one row of {mean.size} samples per basis curve.")
    return np.linspace(0, 1, mean.size), mean, basis if basis.shape[1] == mean.size else basis.T


def _read_text(path: Path) -> tuple[Array, Array, Array]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}.") from error
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    grid, mean, basis = None, None, {}
    for heading, end in zip(headings, ends, strict=True):
        samples = _numbers(text[heading.end() : end])
        number = heading[2] or heading[3]
        if number is None:
            grid = samples
        elif int(number) == 0:
            mean = samples
        else:
            basis[int(number)] = samples
    if mean is None or mean.size < 2 or not basis:
        raise ReadError(f"{path}: expected curves named f0 and h(1), h(2), ..., found {len(headings)} named curves.")
    odd = [number for number, samples in basis.items() if samples.size != mean.size]
    if odd:
        raise ReadError(f"{path}: h({odd[0]}) has {basis[odd[0]].size} samples, but the mean curve has {mean.size}.")
    if grid is None or grid.size != mean.size:
        grid = np.linspace(0, 1, mean.size)
    return grid, mean, np.stack([basis[number] for number in sorted(basis)])


def _numbers(section: str) -> Array:
    inside = section.partition("{")[2].partition("}")[0] if "{" in section else section
    return np.array([float(number) for number in _NUMBER.findall(inside)])
