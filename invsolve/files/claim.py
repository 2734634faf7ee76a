"""`claimed` and `Claim`: a folder or a piece of work that one process has, and no other."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import final

import attrs

from invsolve.errors import WriteError
from invsolve.files.atomic import cannot_write


@contextmanager
def claimed(folder: Path, advice: str) -> Iterator[None]:
    """Keep other processes out of a folder while the block runs; on Windows nothing does.

    The claim goes with the process, however it ends.

    Raises:
        WriteError: which ends in `advice`, where another process is at work there.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        if not _locked(handle, wait=False):
            raise WriteError(f"another process is at work in {folder}. {advice}")
        yield
    finally:
        os.close(handle)


@final
@attrs.frozen
class Claim:
    """A piece of work whose claim is a file for as long as it is held; it goes with the process too.

    Attributes:
        path: the file.
    """

    path: Path
    _handle: int

    @classmethod
    def take(cls, path: Path, *, wait: bool = False) -> "Claim | None":
        """The claim, or None where another process has it; with `wait`, once that gives it up.

        Raises:
            WriteError: where the file cannot be made.
            DiskFull: where the file cannot be made.
        """
        while True:
            try:
                handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
            except OSError as error:
                raise cannot_write(path, error) from error
            if not _locked(handle, wait=wait):
                os.close(handle)
                return None
            with suppress(OSError):
                # who had it before has taken the file away: then this is the claim of nothing
                if os.path.samestat(os.fstat(handle), path.stat()):
                    return cls(path, handle)
            os.close(handle)

    def release(self) -> None:
        """Give it up."""
        with suppress(OSError):
            self.path.unlink()
        os.close(self._handle)


def _locked(handle: int, *, wait: bool) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
