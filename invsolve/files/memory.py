"""`free_memory`: how much memory there is, and how much of it is free."""

from pathlib import Path
from typing import Final, final

import attrs

KIBIBYTE: Final = 1024
GROUP: Final = Path("/sys/fs/cgroup")


@final
@attrs.frozen
class Memory:
    """Bytes of memory that this machine has, and that programs may still take."""

    total: int
    free: int


def free_memory() -> Memory | None:
    """The memory of this machine, or of the container; None where the system does not say (it is asked as Linux is)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.partition(":")[0]: int(line.split()[1]) * KIBIBYTE for line in lines if line.endswith("kB")}
        machine = Memory(sizes["MemTotal"], sizes["MemAvailable"])
    except (OSError, ValueError, KeyError, IndexError):
        return None
    limit = _container()
    return machine if limit is None else Memory(min(machine.total, limit.total), min(machine.free, limit.free))


def _container() -> Memory | None:
    """The limit of the control group this process is in, version 2; None where there is none."""
    try:
        most = int((GROUP / "memory.max").read_text(encoding="ascii"))
        taken = int((GROUP / "memory.current").read_text(encoding="ascii"))
        rows = (line.split() for line in (GROUP / "memory.stat").read_text(encoding="ascii").splitlines())
        cached = {name: int(size) for name, size in rows}.get("inactive_file", 0)
    except (OSError, ValueError):  # "max" where there is no limit
        return None
    return Memory(most, max(0, most - taken + cached))
