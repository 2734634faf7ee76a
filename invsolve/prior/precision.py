"""The precision of a network's matrix products."""

from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def in_bfloat16(precision: Precision, device: torch.device | str) -> bool:
    """Whether products are to be made in bfloat16; ``auto``: where `is_quick_in_bfloat16`."""
    return precision == "bfloat16" or (precision == "auto" and is_quick_in_bfloat16(device))


def is_quick_in_bfloat16(device: torch.device | str) -> bool:
    """False where bfloat16 is emulated: by a processor without AVX-512, where it is ten times slower than float32.

    True of every other kind of device.
    """
    return torch.device(device).type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
