"""Conjugate gradients for symmetric positive systems, one system per batch item."""

from collections.abc import Callable

import torch
from torch import Tensor

from invsolve.errors import RunFailed
from invsolve.operator.norms import inner


def conjugate_gradients(
    apply: Callable[[Tensor], Tensor],
    right: Tensor,
    *,
    start: Tensor | None = None,
    tolerance: float | None = None,
    iterations: int = 500,
    precondition: Callable[[Tensor], Tensor] | None = None,
    strict: bool = True,
) -> Tensor:
    """Solve ``M x = right`` for a symmetric positive (semi-)definite ``M``, each batch item on its own.

    Every item has its own step lengths and stops on its own residual, so that its solution does not depend on its
    batch-mates. `tolerance` is relative to ``||right||``; by default 1e-12 in float64 and 1e-6 in float32.
    `precondition` applies a symmetric positive definite ``P`` near ``M^-1``; residuals are then measured in its norm,
    ``sqrt(r^T P r)``. For a singular ``M`` and ``right`` in its range the result from a zero start (and without
    `precondition`) is the minimum-norm solution.

    Raises:
        RunFailed: if an item has not converged to 1000 times the tolerance after all iterations, unless `strict` is
            False: then the last iterate is returned, as rules that stop early on purpose want it.

    References:
        Hestenes and Stiefel 1952, section 3.
    """
    if tolerance is None:
        tolerance = 1e-12 if right.dtype == torch.float64 else 1e-6
    x = torch.zeros_like(right) if start is None else start.clone()
    residual = right - apply(x) if start is not None else right.clone()
    preconditioned = residual if precondition is None else precondition(residual)
    direction = preconditioned
    square = inner(residual, preconditioned)
    scale = square if start is None else inner(right, right if precondition is None else precondition(right))
    goal = tolerance**2 * scale
    for _ in range(iterations):
        running = square > goal
        if not bool(running.any()):
            return x
        image = apply(direction)
        curvature = inner(direction, image)
        # A finished item, or one whose direction the matrix annihilates, stands still.
        moving = running & (curvature > 0)
        step = torch.where(moving, square / torch.where(moving, curvature, 1.0), 0.0)
        x = x + step * direction
        residual = residual - step * image
        preconditioned = residual if precondition is None else precondition(residual)
        following = torch.where(moving, inner(residual, preconditioned), square)
        if not bool(moving.any()):
            break
        beta = torch.where(moving, following / torch.where(moving, square, 1.0), 0.0)
        direction = torch.where(moving, preconditioned + beta * direction, direction)
        square = following
    relative = (square / scale.clamp_min(torch.finfo(right.dtype).tiny)).sqrt().max()
    if strict and not float(relative) <= 1e3 * tolerance:
        raise RunFailed(
            f"conjugate gradients stopped at a relative residual of {float(relative):.1e} after {iterations} "
            f"iterations (goal {tolerance:.0e}): the system is too ill-conditioned. A larger noise std, or float64, "
            "helps."
        )
    return x
