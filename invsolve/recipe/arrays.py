"""Arrays in recipes: nested lists, the name of a file, or bytes in base64."""

import base64
import binascii
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import AbstractArray
from torch import Tensor

from invsolve.arrays import SUFFIXES, load_array
from invsolve.errors import ComponentError, InvsolveError
from invsolve.recipe.fault import faulty
from invsolve.recipe.node import Listing, Node, Scalar, Table, in_words, plain
from invsolve.recipe.scalars import structure_path

MOST_WRITTEN_OUT: Final = 1_000  # more elements go into one line of base64
DTYPES: Final = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")

Array = npt.NDArray[Any]


def structure_array(node: Node, declared: Any) -> Any:
    """A tensor or a numpy array, float64 unless the annotation or the recipe names another type.

    Raises:
        Faulty: for ragged lists, text among numbers, and files that are missing or hold no one array.
    """
    array = _array(node, _dtype(declared))
    return torch.from_numpy(array.copy()) if _is_tensor(declared) else array


def array_data(array: Tensor | Array) -> Any:
    """The recipe form of an array.

    Raises:
        ComponentError: for a dtype that recipes do not know.
    """
    values: Array = array.detach().cpu().numpy() if isinstance(array, Tensor) else array
    dtype = values.dtype.name
    if dtype not in DTYPES:
        raise ComponentError(f"an array of dtype {dtype} has no form in a recipe. Use one of {', '.join(DTYPES)}.")
    if values.size > MOST_WRITTEN_OUT or 0 in values.shape:
        raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
        return {"dtype": dtype, "shape": list(values.shape), "base64": base64.b64encode(raw).decode("ascii")}
    written = values.tolist()
    return written if dtype == "float64" else {"dtype": dtype, "values": written}


def _is_tensor(declared: Any) -> bool:
    home = declared.array_type if _is_annotated(declared) else declared
    return isinstance(home, type) and issubclass(home, Tensor)


def _is_annotated(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, AbstractArray)


def _dtype(declared: Any) -> str:
    if not _is_annotated(declared) or isinstance(declared.dtypes, str):
        return "float64"
    return next((dtype for dtype in DTYPES if dtype in declared.dtypes), "float64")


def _array(node: Node, dtype: str) -> Array:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return _from_file(structure_path(node, Path), node).astype(dtype)
    if isinstance(node, Table):
        return _from_table(node)
    return _from_values(node, dtype)


def _from_values(node: Node, dtype: str) -> Array:
    _check(node, _shape(node), dtype)
    try:
        return np.array(plain(node), dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise faulty(node.origin, f"not an array of {dtype}: {error}.") from None


def _shape(node: Node) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(node, Listing):
        shape.append(len(node.items))
        if not node.items:
            break
        node = node.items[0]
    return tuple(shape)


def _check(node: Node, shape: tuple[int, ...], dtype: str) -> None:
    if not shape:
        allowed = (bool,) if dtype == "bool" else (int, float) if dtype.startswith("float") else (int,)
        if not isinstance(node, Scalar) or type(node.value) not in allowed:
            expected = "true or false" if dtype == "bool" else "a number" if float in allowed else "a whole number"
            raise faulty(node.origin, f"expected {expected}, got {in_words(node)}.")
        return
    if not isinstance(node, Listing) or len(node.items) != shape[0]:
        raise faulty(node.origin, f"expected a list of {shape[0]}, like its neighbours, got {in_words(node)}.")
    for item in node.items:
        _check(item, shape[1:], dtype)


def _from_table(node: Table) -> Array:
    given = set(node.entries)
    dtype = node.get("dtype")
    if given not in ({"dtype", "values"}, {"dtype", "shape", "base64"}) or dtype is None:
        expected = "nested lists of numbers, a file name, or {dtype, values}"
        raise faulty(node.origin, f"expected {expected}, got {in_words(node)}.")
    name = plain(dtype)
    if name not in DTYPES:
        raise faulty(dtype.origin, f"expected one of {', '.join(DTYPES)}; got {in_words(dtype)}.", "dtype")
    values = node.get("values")
    if values is not None:
        return _from_values(values, name)
    try:
        raw = base64.b64decode(str(plain(node.entries["base64"].value)), validate=True)
        flat = np.frombuffer(raw, dtype=np.dtype(name).newbyteorder("<"))
        return flat.astype(name).reshape(plain(node.entries["shape"].value))
    except (binascii.Error, ValueError, TypeError) as error:
        raise faulty(node.origin, f"the bytes do not hold such an array: {error}.") from None


def _from_file(path: Path, node: Node) -> Array:
    if path.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise faulty(node.origin, f"{path.name}: an array is written as nested lists, or read from {known}.")
    try:
        return load_array(path, remedy="keep one")
    except InvsolveError as error:
        raise faulty(node.origin, str(error)) from None
