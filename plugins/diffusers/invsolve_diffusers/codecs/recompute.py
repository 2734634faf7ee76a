"""`recompute`: gradient checkpointing, where a gradient is wanted at all."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import torch
from torch.utils.checkpoint import checkpoint

P = ParamSpec("P")
R = TypeVar("R")


def recompute(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``function(...)``, keeping only its arguments for the backward pass."""
    if not torch.is_grad_enabled():
        return function(*args, **kwargs)
    result: R = checkpoint(function, *args, use_reentrant=False, preserve_rng_state=False, **kwargs)
    return result
