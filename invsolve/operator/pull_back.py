"""`pull_back`: a cotangent through the graph of a value."""

import torch
from torch import Tensor


def pull_back(
    value: Tensor, point: Tensor, cotangent: Tensor, *, again: bool = False, differentiable: bool = False
) -> Tensor:
    """``(d value / d point)^T cotangent``, in the shape of `point`.

    Args:
        value: computed from `point` with a graph.
        point: what it was computed from.
        cotangent: in the shape of `value`.
        again: keep the graph, for another pull is to come.
        differentiable: the result has a graph itself.

    Raises:
        RuntimeError: of torch, for a value without a graph to `point`, or whose graph was given up.
    """
    # the same numbers as by `grad_outputs`, to compare whose shapes torch imports sympy: a second of every run
    with torch.enable_grad():
        scalar = (value * cotangent).sum()
    return torch.autograd.grad(scalar, point, retain_graph=again or differentiable, create_graph=differentiable)[0]
