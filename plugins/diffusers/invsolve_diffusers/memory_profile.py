"""`Profile`: the bytes that one part of a model holds, forward and backward."""

from collections.abc import Callable
from typing import final

import attrs
import torch
from torch import Tensor

from invsolve_diffusers.memory_meter import FlashAttention, LiveBytes


@final
@attrs.frozen
class Profile:
    """Bytes held by one differentiated call of a part, beyond its weights and its input.

    - ``forward``: the most there is while it runs.
    - ``retained``: what is left when it has run: its result, and what autograd keeps for the backward pass.
    - ``backward``: the most there is during the backward pass, with what is retained and what is computed again.
    """

    forward: int
    retained: int
    backward: int


def profile(run: Callable[[Tensor], Tensor], like: Tensor, device_type: str) -> Profile:
    """Count one call of `run` on a tensor like `like`, and its vector-Jacobian product.

    On meta tensors nothing is computed and no memory is used; on others this is a measurement. `device_type` says where
    it is going to run.
    """
    given = torch.empty_like(like).requires_grad_()
    with torch.enable_grad(), FlashAttention(), LiveBytes(device_type) as live:
        made = run(given)
        forward, retained = live.peak, live.now
        live.reset()
        torch.autograd.grad(made, given, torch.empty_like(made))
        return Profile(forward, retained, live.peak)
