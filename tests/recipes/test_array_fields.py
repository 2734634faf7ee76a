"""Fields that hold arrays: nested lists in the recipe, or files beside it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.recipes.conftest import Desk
from tests.recipes.everything import everything, faults_of
from tests.recipes.parts import (
    PLAIN,
)


@pytest.mark.parametrize(
    ("field", "written", "expected"),
    [
        ("array", [[1, 2.5], [3, 4]], torch.tensor([[1, 2.5], [3, 4]], dtype=torch.float64)),
        ("array", 3, torch.tensor(3.0, dtype=torch.float64)),
        ("array", {"dtype": "float32", "values": [0.1]}, torch.tensor([0.1])),
        ("array", {"dtype": "bool", "values": [True]}, torch.tensor([True])),
        ("index", [1, 2], torch.tensor([1, 2])),
        ("index", {"dtype": "int64", "shape": [2, 0], "base64": ""}, torch.zeros(2, 0, dtype=torch.int64)),
    ],
)
def test_arrays_are_nested_lists(field: str, written: object, expected: torch.Tensor) -> None:
    got = getattr(everything(**{field: written}), field)
    assert got.dtype == expected.dtype
    assert torch.equal(got, expected)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"array": [[1, 2], [3]]}, "array: expected a list of 2, like its neighbours, got a list of 1."),
        ({"array": [[1], 2]}, "array: expected a list of 1, like its neighbours, got int 2."),
        ({"array": [1, "x"]}, "array: expected a number, got str 'x'."),
        ({"array": [1, True]}, "array: expected a number, got bool true."),
        ({"index": [1.5]}, "index: expected a whole number, got float 1.5."),
        (
            {"array": "kernel.gif"},
            "array: kernel.gif: an array is written as nested lists, or read from .npy, .npz, ",
        ),
        (
            {"array": {"values": [1]}},
            "array: expected nested lists of numbers, a file name, or {dtype, values}, got",
        ),
        ({"array": {"dtype": "complex64", "values": [1]}}, "array.dtype: expected one of"),
        ({"array": {"dtype": "float64", "shape": [2], "base64": "AAAA"}}, "array: the bytes do not hold such an array"),
        ({"array": {"dtype": "uint8", "values": [300]}}, "array: not an array of uint8"),
    ],
)
def test_arrays_that_are_none_say_why(fields: dict, fault: str) -> None:
    (only,) = faults_of(**fields)
    assert only.startswith(fault)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.csv", "a.txt"])
def test_arrays_come_from_files_beside_the_recipe(desk: Desk, name: str) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.5]])
    write = {
        ".npy": np.save,
        ".npz": lambda path, array: np.savez(path, only=array),
        ".csv": lambda path, array: np.savetxt(path, array, delimiter=","),
        ".txt": np.savetxt,
    }[Path(name).suffix]
    write(desk.folder / name, values)
    recipe = desk.one(PLAIN.replace("whole: 3", f"whole: 3, array: {name}"))
    assert np.array_equal(recipe.prior.array.numpy(), values)


def test_array_files_that_hold_none_say_why(desk: Desk) -> None:
    np.savez(desk.folder / "two.npz", a=np.zeros(1), b=np.zeros(1))
    np.save(desk.folder / "words.npy", np.array(["a"]))
    (desk.folder / "cut.npy").write_bytes(b"\x93NUMPY")
    (desk.folder / "words.csv").write_text("a,b\n")
    for name, message in {
        "two.npz": "holds a, b; keep one.",
        "words.npy": "does not hold an array of numbers",
        "cut.npy": "is not a readable .npy file of numbers",
        "words.csv": "is not a readable .csv file of numbers",
        "gone.npy": "there is no file",
    }.items():
        (fault,) = desk.faults(PLAIN.replace("whole: 3", f"whole: 3, array: {name}"))
        assert fault.startswith("r.yaml:4:43: prior.array: ")
        assert message in fault
