"""`atomic`: a file appears whole or not at all, and never in place of another."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from invsolve.errors import DiskFull, InvsolveError, WriteError

ADVICE: Final = "Choose another place."
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def atomic(path: Path, *, replace: bool = False, advice: str = ADVICE) -> Iterator[Path]:
    """Give a temporary path next to `path`, and move it there when the block ends without an error.

    With `replace` an older file gives way; without it, one that exists is an error.

    Args:
        advice: what to do where it cannot be written, a sentence of the error.

    Raises:
        WriteError: where `path` exists or its folder cannot be written.
        DiskFull: where the disk is full.
    """
    if not replace:
        refuse_existing(path)
    # same suffix: writers tell the format by it
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        fsync(temporary)
        if not replace:
            refuse_existing(path)
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error, advice) from error
    finally:
        # where the place itself is gone, that is the error to be told
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a new folder next to `path`, and rename it to `path` when the block ends without an error.

    Raises:
        WriteError: where `path` exists or its parent cannot be written.
        DiskFull: where the disk is full.
    """
    refuse_existing(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    make_folder(temporary, exist_ok=False)
    try:
        yield temporary
        for written in temporary.rglob("*"):
            fsync(written)
        refuse_existing(path)
        temporary.rename(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def fsync(path: Path) -> None:
    """Return when the content of a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a text file through `atomic`."""
    with atomic(path, replace=replace) as temporary:
        temporary.write_text(text, encoding="utf-8")


def make_folder(path: Path, *, exist_ok: bool = True) -> None:
    """Make a folder and its parents; raises `WriteError` or `DiskFull` where that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError as error:
        raise WriteError(f"{path} exists already. Nothing is overwritten: choose another place.") from error
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError, advice: str = ADVICE) -> InvsolveError:
    """The error to raise for an `OSError` at `path`: a full disk is a failed run, all else the user's to put right."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return DiskFull(f"{path} could not be written: {reason}. Free some space. {advice}")
    return WriteError(f"{path} cannot be written: {reason}. {advice}")


def refuse_existing(path: Path) -> None:
    """Raise `WriteError` if there is something at `path`."""
    if path.exists():
        raise WriteError(f"{path} exists already. Nothing is overwritten: choose another place, or remove it first.")
