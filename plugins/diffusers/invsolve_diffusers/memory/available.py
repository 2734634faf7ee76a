"""The free memory of a device."""

import os
from pathlib import Path
from typing import Final

import torch

HEADROOM: Final = 0.9  # the rest is for the driver, libraries, and holes between blocks
_LIMIT, _HELD = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
_HOST: Final = Path("/proc/meminfo")


def available_bytes(device: torch.device) -> int:
    """Bytes that this process may hold on a device, including those its allocator has reserved there already."""
    if device.type == "cuda":
        return int(HEADROOM * (torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)))
    return int(HEADROOM * min(_host(), _container()))


def _host() -> int:
    if _HOST.is_file():
        for line in _HOST.read_text(encoding="ascii").splitlines():
            name, _, said = line.partition(":")
            if name == "MemAvailable":
                return int(said.split()[0]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _container() -> int:
    """Bytes that the container leaves, or more than there are."""
    try:
        limit, held = (path.read_text(encoding="ascii").strip() for path in (_LIMIT, _HELD))
    except OSError:
        return 2**62
    return 2**62 if limit == "max" else max(0, int(limit) - int(held))
