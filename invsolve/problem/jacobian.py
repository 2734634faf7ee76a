"""`push_forward`: Jacobian-vector products of any network."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.attention import SDPBackend, sdpa_kernel

from invsolve.operator.pull_back import pull_back


def push_forward(function: Callable[[Tensor], Tensor], point: Tensor, tangent: Tensor) -> Tensor:
    """``J(point) tangent`` by forward-mode differentiation; where torch lacks that for a part, by going back twice.

    Going back twice takes ``v -> J^T v``, which is linear, and differentiates it: twice the time, and more memory.
    Among what lacks a forward mode are fused attention and normalisation of what attention has permuted.
    """
    point, tangent = point.detach(), tangent.detach()
    with sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's own torch.jit.script, at first use
        try:
            return _forward(function, point, tangent)
        except torch.OutOfMemoryError:
            raise
        except (NotImplementedError, RuntimeError):
            return _back_twice(function, point, tangent)


def _forward(function: Callable[[Tensor], Tensor], point: Tensor, tangent: Tensor) -> Tensor:
    with torch.no_grad(), forward_ad.dual_level():
        value = function(forward_ad.make_dual(point, tangent))  # type: ignore[no-untyped-call]
        pushed: Tensor | None = forward_ad.unpack_dual(value).tangent  # type: ignore[no-untyped-call]
        return torch.zeros_like(value) if pushed is None else pushed


def _back_twice(function: Callable[[Tensor], Tensor], point: Tensor, tangent: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = point.clone().requires_grad_()
        value = function(leaf)
        cotangent = torch.zeros_like(value, requires_grad=True)
        pulled = pull_back(value, leaf, cotangent, differentiable=True)
    return pull_back(pulled, cotangent, tangent)
