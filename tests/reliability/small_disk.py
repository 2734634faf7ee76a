"""`SmallDisk`: a file system that is soon full, seen by this process only."""

import contextlib
import ctypes
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final, final

import attrs

CLONE_NEWNS, CLONE_NEWUSER, MS_REMOUNT, MS_REC, MS_PRIVATE = 0x00020000, 0x10000000, 32, 16384, 1 << 18
LARGE: Final = 256 << 20


@final
@attrs.define
class SmallDisk:
    """A tmpfs in a mount namespace of this process; where the system allows none, a limit on the size of files.

    Attributes:
        real: True for the first.
    """

    folder: Path
    real: bool

    @classmethod
    def mounted(cls, folder: Path, size: int) -> "SmallDisk":
        """Make `folder` a disk of `size` bytes, until the process ends, or leave it to `limited`."""
        folder.mkdir(exist_ok=True)
        libc = ctypes.CDLL(None, use_errno=True)
        root = os.geteuid() == 0
        real = (
            libc.unshare(CLONE_NEWNS if root else CLONE_NEWNS | CLONE_NEWUSER) == 0
            and libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
            and _mount(libc, folder, size, 0)
        )
        return cls(folder, real)

    @contextlib.contextmanager
    def limited(self, size: int) -> Iterator[None]:
        """While the block runs there is little room, afterwards plenty."""
        if not self.real:
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            return
        yield
        if not _mount(ctypes.CDLL(None, use_errno=True), self.folder, LARGE, MS_REMOUNT):
            raise OSError(ctypes.get_errno(), "cannot enlarge the small disk")


def _mount(libc: ctypes.CDLL, folder: Path, size: int, flags: int) -> bool:
    # whole pages; the kernel takes 0 for no limit
    pages = max(1, -(-size // resource.getpagesize()))
    options = f"size={pages * resource.getpagesize()}".encode()
    return bool(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options) == 0)
