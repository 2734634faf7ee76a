"""One set of file formats for every array: a prior's, an operator's, a recipe's own."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from PIL import Image

from invsolve.arrays import SUFFIXES, array_of, as_array, load_array, nested, read_array
from invsolve.errors import ComponentError, ReadError
from invsolve_operators import Convolution
from invsolve_priors import Gaussian

VALUES = np.array([[2.0, 1.0], [1.0, 3.0]])
WRITE = {
    ".npy": lambda path: np.save(path, VALUES),
    ".npz": lambda path: np.savez(path, covariance=VALUES, other=np.zeros(3)),
    ".mat": lambda path: scipy.io.savemat(path, {"covariance": VALUES, "other": np.zeros(3)}),
    ".png": lambda path: Image.fromarray(VALUES.astype(np.uint8)).save(path),
    ".tif": lambda path: Image.fromarray(VALUES.astype(np.uint8)).save(path),
    ".tiff": lambda path: Image.fromarray(VALUES.astype(np.uint8)).save(path),
    ".txt": lambda path: np.savetxt(path, VALUES),
    ".csv": lambda path: np.savetxt(path, VALUES, delimiter=","),
}


@pytest.fixture(params=SUFFIXES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"values{request.param}"
    WRITE[request.param](path)
    return path


def test_every_format_gives_a_prior_and_an_operator_the_same_numbers(file: Path) -> None:
    np.testing.assert_array_equal(array_of(file, "covariance", 2), VALUES)
    assert Gaussian(mean=[[[[0.0]], [[0.0]]]], covariance=file).conditional is not None
    variable = "covariance" if file.suffix in (".npz", ".mat") else None
    taps = Convolution(file=file, variable=variable, normalise=False).taps
    np.testing.assert_array_equal(taps[0], VALUES)


def test_the_type_of_the_numbers_is_kept_where_it_matters(tmp_path: Path) -> None:
    large = np.array([2**53 + 1])
    np.save(tmp_path / "large.npy", large)
    assert load_array(tmp_path / "large.npy")[0] == 2**53 + 1
    assert read_array(tmp_path / "large.npy").dtype == np.float64


def test_a_file_without_arrays_says_so(tmp_path: Path) -> None:
    np.savez(tmp_path / "none.npz")
    with pytest.raises(ReadError, match=r"none\.npz holds no arrays"):
        read_array(tmp_path / "none.npz")


@pytest.mark.parametrize(
    "given", [[[2, 1], [1, 3]], VALUES, torch.from_numpy(VALUES), [VALUES[0], torch.from_numpy(VALUES[1])]]
)
def test_lists_arrays_and_tensors_become_the_same_tuples(given: object) -> None:
    assert nested(given) == ((2.0, 1.0), (1.0, 3.0))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([True], "must hold numbers, got True"),
        ([["0.5"]], "must hold numbers, got '0.5'"),
        (3.0, "must be a list of numbers or of lists, got 3.0"),
        ([[1.0], [1.0, 2.0]], "rows of equal length"),
        ([], r"shape \(0,\); expected one axis or two axes, rows and columns, none empty"),
        ([[1.0, np.inf]], r"1 NaN or infinite values, the first at \(0, 1\)"),
    ],
)
def test_what_is_no_array_of_numbers_is_named(given: object, says: str) -> None:
    with pytest.raises(ComponentError, match=says):
        as_array(nested(given), "values", (1, 2))
