"""`free_memory`: how much memory there is, and how much of it is free."""

from pathlib import Path
from typing import Final, final

import attrs

KIBIBYTE: Final = 1024


@final
@attrs.frozen
class Memory:
    """Bytes of memory that this machine has, and that programs may still take."""

    total: int
    free: int


def free_memory() -> Memory | None:
    """The memory of this machine; None where the system does not say (it is asked as Linux is)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.partition(":")[0]: int(line.split()[1]) * KIBIBYTE for line in lines if line.endswith("kB")}
        return Memory(sizes["MemTotal"], sizes["MemAvailable"])
    except (OSError, ValueError, KeyError, IndexError):
        return None
