"""The distance between two tensors, and the share of it that rounding explains."""

import math

import torch
from torch import Tensor

from invsolve.testing.case import Case


def relative_gap(found: Tensor, expected: Tensor) -> float:
    """``||found - expected|| / ||expected||`` (Frobenius norms); infinite where shapes differ or a number is NaN."""
    if found.shape != expected.shape:
        return float("inf")
    if found.numel() == 0:
        return 0.0
    gap = float((found - expected).norm() / expected.norm().clamp_min(torch.finfo(expected.dtype).tiny))
    return float("inf") if math.isnan(gap) else gap


def close_to(case: Case) -> float:
    """The relative gap that rounding alone explains in the dtype of a case."""
    return 1e-11 if case.dtype == "float64" else 1e-5


def dot(a: Tensor, b: Tensor) -> float:
    """``<a, b>`` over all elements."""
    return float((a * b).sum())
