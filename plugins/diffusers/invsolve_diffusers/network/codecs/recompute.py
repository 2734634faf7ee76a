"""`recompute`: gradient checkpointing, where a gradient is wanted at all."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch.utils.checkpoint import checkpoint

R = TypeVar("R")


def recompute(function: Callable[..., R], *arguments: Any) -> R:
    """``function(*arguments)``, keeping only the arguments for the backward pass."""
    if not torch.is_grad_enabled():
        return function(*arguments)
    result: R = checkpoint(function, *arguments, use_reentrant=False, preserve_rng_state=False)
    return result
