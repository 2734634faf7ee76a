"""Arrays as plain data: how a component takes numbers from lists, tensors or a file, and keeps them as values."""

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from invsolve.errors import ComponentError, ReadError

Vector: TypeAlias = tuple[float, ...]
Matrix: TypeAlias = tuple[Vector, ...]
Video: TypeAlias = tuple[tuple[Matrix, ...], ...]  # c t h w
Given: TypeAlias = Any  # nested lists or tuples, a numpy array or a torch tensor, or the path of a file
Kept: TypeAlias = Path | Vector | Matrix | Video | tuple[Matrix, ...] | tuple[Video, ...]

AXES = {
    1: "one axis",
    2: "two axes, rows and columns",
    3: "three axes: k matrices of rows and columns",
    4: "the four axes c t h w",
    5: "the five axes k c t h w",
}


def _numbers(given: Given, ndim: int) -> NDArray[np.float64]:
    """Read nested lists, an array or a tensor as finite float64 numbers with `ndim` axes."""
    data = given.detach().cpu().numpy() if isinstance(given, Tensor) else given
    try:
        array = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ComponentError(f"an array must hold numbers, in rows of equal length: {error}.") from None
    return _checked(array, ndim, "an array")


def _checked(array: NDArray[np.float64], ndim: int | None, what: str) -> NDArray[np.float64]:
    if (ndim is not None and array.ndim != ndim) or array.size == 0:
        expected = "some numbers" if ndim is None else f"{AXES[ndim]}, each at least 1"
        raise ComponentError(f"{what} has shape {array.shape}; expected {expected}.")
    broken = ~np.isfinite(array)
    if broken.any():
        first = tuple(int(i) for i in np.argwhere(broken)[0])
        raise ComponentError(f"{what} holds {int(broken.sum())} NaN or infinite values, the first at {first}.")
    return array


def _nested(array: NDArray[np.float64]) -> Any:
    """Tuples of tuples of floats: they compare by value, hash, and print so that they evaluate back."""
    return tuple(_nested(row) for row in array) if array.ndim > 1 else tuple(array.tolist())


def vector(given: Given) -> Vector:
    """Numbers along one axis, as a tuple."""
    values: Vector = _nested(_numbers(given, 1))
    return values


def matrix_or_file(given: Given) -> Path | Matrix:
    """A path as it is; anything else as rows of numbers."""
    return Path(given) if isinstance(given, str | Path) else _nested(_numbers(given, 2))


def video_or_file(given: Given) -> Path | Video:
    """A path as it is; anything else as numbers over ``c t h w``."""
    return Path(given) if isinstance(given, str | Path) else _nested(_numbers(given, 4))


def matrices_or_file(given: Given) -> Path | tuple[Matrix, ...]:
    """A path as it is; anything else as several matrices."""
    return Path(given) if isinstance(given, str | Path) else _nested(_numbers(given, 3))


def videos_or_file(given: Given) -> Path | tuple[Video, ...]:
    """A path as it is; anything else as numbers over ``k c t h w``."""
    return Path(given) if isinstance(given, str | Path) else _nested(_numbers(given, 5))


def shown(kept: Kept | float | None) -> str:
    """A ``repr`` that evaluates back."""
    return repr(str(kept)) if isinstance(kept, Path) else repr(kept)


def values(field: Kept, ndim: int | None, name: str) -> NDArray[np.float64]:
    """The numbers behind a field in float64; `name` is the field, and the array's key in an ``npz`` of several.

    - ``ndim``: how many axes they must have; None for any number.

    Raises `ReadError` for a file that is missing or not a numpy file of numbers, `ComponentError` for wrong axes or
    values that are not finite.
    """
    if not isinstance(field, Path):
        return np.asarray(field, dtype=np.float64)
    try:
        stored = np.load(field, allow_pickle=False)
        if isinstance(stored, np.lib.npyio.NpzFile):
            with stored:
                key = name if name in stored.files or len(stored.files) != 1 else stored.files[0]
                stored = stored[key]
        array = stored.astype(np.float64)
    except FileNotFoundError:
        raise ReadError(f"{name}: there is no file {field}.") from None
    except KeyError:
        raise ReadError(f"{name}: {field} holds several arrays and none is called {name!r}.") from None
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise ReadError(f"{name}: {field} is not a .npy or .npz file of numbers: {error}") from None
    return _checked(array, ndim, f"{name} in {field}")
