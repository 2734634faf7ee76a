"""`Profile`: the bytes that one part of a model holds, forward and backward."""

from collections.abc import Callable
from typing import final

import attrs
import torch
from torch import Tensor
from torch.autograd.graph import _engine_run_backward

from invsolve_diffusers.memory.meter import FlashAttention, LiveBytes

Run = Callable[[Tensor], Tensor]


@final
@attrs.frozen
class Profile:
    """Bytes held by one differentiated call of a part, beyond its weights and its input.

    Attributes:
        forward: the most there is while it runs.
        retained: what is left when it has run: its result, and what autograd keeps for the backward pass.
        backward: the most there is during the backward pass, with what is retained and what is computed again.
        operations: floating-point operations of both passes.
    """

    forward: int
    retained: int
    backward: int
    operations: int


def profile(run: Run, like: Tensor, device_type: str, most: int | None = None) -> Profile:
    """Count one call of `run` on a tensor like `like`, and its vector-Jacobian product.

    On meta tensors nothing is computed and no memory is used; on others this is a measurement. `device_type` says where
    it is going to run.

    Raises:
        TooMuch: as soon as it holds more than `most` bytes.
    """
    given = torch.empty_like(like).requires_grad_()
    with torch.enable_grad(), FlashAttention(), LiveBytes(device_type, most) as live:
        made = run(given)
        forward, retained = live.peak, live.now
        live.reset()
        # `autograd.grad` steps out of the mode of attention, but what checkpoints compute again belongs inside of it
        _engine_run_backward((made,), (torch.empty_like(made),), False, False, (given,), accumulate_grad=False)
        return Profile(forward, retained, live.peak, live.operations)


def retained(run: Run, like: Tensor, device_type: str) -> int:
    """Bytes kept between one call of `run` and its backward pass."""
    given = torch.empty_like(like).requires_grad_()
    with torch.enable_grad(), FlashAttention(), LiveBytes(device_type) as live:
        made = run(given)
        kept: int = live.now
        del made
    return kept
