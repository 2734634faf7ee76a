"""Safetensors files of our own: written whole, with a hash of their content inside."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import final

import attrs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from invsolve.errors import ReadError
from invsolve.files.atomic import ADVICE, atomic
from invsolve.files.seal import BLANK, KEY, check_seal, seal


@final
@attrs.frozen(eq=False)
class TensorFile:
    """The content of a safetensors file.

    Attributes:
        facts: its metadata.
        tensors: by name.
        sealed: whether it holds a hash of its content, which is then right.
    """

    facts: Mapping[str, str]
    tensors: Mapping[str, Tensor]
    sealed: bool


def write_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str], advice: str = ADVICE) -> None:
    """Write tensors and `facts`, in place of an older file.

    Raises:
        WriteError: whose message ends in `advice`.
        DiskFull: whose message ends in `advice`.
    """
    with atomic(path, replace=True, advice=advice) as temporary:
        try:
            save_file(dict(tensors), temporary, {**facts, KEY: BLANK})
        except SafetensorError as error:
            raise _as_os_error(error) from error
        seal(temporary)


def read_tensors(path: Path, what: str, way_out: str) -> TensorFile:
    """Read a file, and check the hash in it, if it holds one.

    Args:
        what: what the file should be, such as ``a checkpoint``.
        way_out: what to do about one that is damaged, a sentence of the error.

    Raises:
        ReadError: for a file that is missing, cut short, damaged or no safetensors file.
    """
    _require_file(path)
    try:
        sealed = check_seal(path, way_out)
        with safe_open(path, framework="pt") as stored:
            names = stored.keys()
            return TensorFile(stored.metadata() or {}, {name: stored.get_tensor(name) for name in names}, sealed)
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, what, way_out, error) from error


def read_facts(path: Path, what: str, way_out: str) -> Mapping[str, str]:
    """The metadata of a file, whose tensors and whose hash are not looked at; all else as in `read_tensors`."""
    _require_file(path)
    try:
        with safe_open(path, framework="pt") as stored:
            return stored.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, what, way_out, error) from error


def require_seal(file: TensorFile, path: Path, way_out: str) -> None:
    """Raise `ReadError` unless the file holds a hash of its content."""
    if not file.sealed:
        raise ReadError(f"{path} holds no hash of its content: it is damaged, or of an earlier version. {way_out}")


def digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of names, types, shapes and bytes, in the order of the names: the same in any file."""
    whole = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        whole.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        whole.update(value.flatten().contiguous().view(torch.uint8).numpy().tobytes())
    return whole.hexdigest()


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise ReadError(f"there is no file {path}.")


def _unreadable(path: Path, what: str, way_out: str, error: Exception) -> ReadError:
    return ReadError(f"{path} cannot be read as {what}, a whole safetensors file: {error}. {way_out}")


def _as_os_error(error: SafetensorError) -> OSError:
    """Safetensors puts the number of the system's error into words."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(found[1]), str(error).partition(" (os error")[0]) if found else OSError(str(error))
