"""Whether products in bfloat16 are worth it."""

import torch


def is_quick_in_bfloat16(device: torch.device | str) -> bool:
    """False where bfloat16 is emulated: by a processor without AVX-512, where it is ten times slower than float32.

    True of every other kind of device.
    """
    return torch.device(device).type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
