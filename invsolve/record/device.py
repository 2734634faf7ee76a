"""The device of a run."""

import torch

from invsolve.errors import CapabilityError


def device_of(name: str) -> torch.device:
    """``auto`` is the first GPU there is, or the CPU; raises `CapabilityError` for a device that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda":
        count = torch.cuda.device_count()
        if (device.index or 0) >= count:
            there = f"{count} CUDA device{'s' * (count != 1)}" if count else "no CUDA device"
            raise CapabilityError(f"there is no device {name!r}: PyTorch {torch.__version__} sees {there}. Use 'cpu'.")
    return device
