"""`try_reading`: a file read first in a process of its own, which a damaged one may bring down."""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from invsolve.errors import ReadError

SECONDS: Final = 60.0
BYTES_PER_SECOND: Final = 2**23
"""How slowly a file may be read, beyond the first seconds."""
MEMORY: Final = 12 * 2**30
"""Bytes of address space of the process."""
OUT_OF_MEMORY: Final = 77


def try_reading(path: Path, function: str, *, seconds: float = SECONDS, memory: int = MEMORY, **fields: object) -> None:
    """Call ``module:function`` on a file in a process with a limit of time and memory.

    What the function raises is of no concern here: the caller reads the file again, and meets it too. HDF5 and Matlab
    readers follow what a file says of itself, and a damaged one can keep them at work for ever or end their process.

    Args:
        seconds: wall time, with as much again as reading at 8 MiB/s takes.
        memory: bytes.
        fields: further arguments, plain data.

    Raises:
        ReadError: where the process takes too long, takes too much memory or is brought down.
    """
    stat = path.stat()
    seconds += stat.st_size / BYTES_PER_SECOND
    _try(path, function, seconds, memory, json.dumps(fields), (stat.st_size, stat.st_mtime_ns, stat.st_ino))


@lru_cache(maxsize=256)
def _try(path: Path, function: str, seconds: float, memory: int, fields: str, version: tuple[int, int, int]) -> None:
    """One try for each `version` of a file: what came through once, comes through again."""
    del version
    words = [function, str(path), str(memory), fields]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "invsolve.files.guarded", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadError(
            f"{path} is damaged: reading it did not end within {seconds:.0f} s. Get a complete copy."
        ) from None
    if done.returncode == OUT_OF_MEMORY:
        raise ReadError(
            f"{path} is damaged, or too large: reading it takes more than {memory / 2**30:.1f} GiB. Get a complete"
            " copy, or cut it into smaller files."
        )
    if done.returncode != 0:
        raise ReadError(f"{path} is damaged: it brings its reader down (code {done.returncode}). Get a complete copy.")


def _limit(memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(function: str, path: str, memory: str, fields: str) -> int:
    from importlib import import_module

    module, _, name = function.partition(":")
    arguments: Mapping[str, object] = json.loads(fields)
    read = getattr(import_module(module), name)
    _limit(int(memory))
    try:
        read(Path(path), **arguments)
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception:  # the caller meets it too
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(_read(*sys.argv[1:]))
