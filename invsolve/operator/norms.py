"""Inner products and norms of each batch item, so that nothing depends on batch-mates."""

import torch
from torch import Tensor


def inner(a: Tensor, b: Tensor) -> Tensor:
    """``<a, b>`` of each item, shape ``b 1 1 ...`` so that it scales tensors like `a`."""
    return (a * b).flatten(1).sum(1).reshape(-1, *[1] * (a.ndim - 1))


def norms(tensor: Tensor) -> Tensor:
    """The Euclidean norm of each item, shape (b,)."""
    norm: Tensor = torch.linalg.vector_norm(tensor, dim=tuple(range(1, tensor.ndim)))
    return norm


def lengths(tensor: Tensor) -> Tensor:
    """`norms` in a shape that scales tensors like `tensor`, and never 0, so that one may divide by it."""
    norm: Tensor = torch.linalg.vector_norm(tensor, dim=tuple(range(1, tensor.ndim)), keepdim=True)
    return norm.clamp_min(torch.finfo(tensor.dtype).tiny)


def unit(direction: Tensor) -> Tensor:
    """Each item's direction with norm 1; zero stays zero."""
    norm = inner(direction, direction).sqrt()
    return torch.where(norm > 0, direction / torch.where(norm > 0, norm, 1.0), 0.0)
