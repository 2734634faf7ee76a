"""Laws of every `LinearOperator`: linearity, the exact adjoint, the dense matrix. All in float64."""

from typing import Final

import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.testing.case import Case
from invsolve.testing.law import NotApplicable, require
from invsolve.testing.laws.gap import dot, relative_gap
from invsolve.video.space import VideoSpace

TOLERANCE: Final = 1e-10  # relative, in float64
MOST_ELEMENTS: Final = 2048  # of an input or an output whose dense matrix is formed


def linearity(operator: LinearOperator, case: Case) -> None:
    """``A(p x + q y) = p A x + q A y``, and ``A 0 = 0``; the same for the adjoint."""
    case = case.at(dtype="float64")
    maps = (
        ("forward", operator.forward, case.space),
        ("adjoint", operator.adjoint, operator.output_space(case.space)),
    )
    for what, apply, space in maps:
        x, y = case.normal_of(space, 1), case.normal_of(space, 2)
        gap = relative_gap(apply(1.7 * x - 0.3 * y), 1.7 * apply(x) - 0.3 * apply(y))
        require(gap < TOLERANCE, f"{what} of a sum differs from the sum of {what}s by {gap:.3g} (relative).")
        require(
            not bool(apply(torch.zeros_like(x)).any()), f"{what} of 0 is not 0: an affine map needs its own Operator."
        )


def adjoint(operator: LinearOperator, case: Case) -> None:
    """``<A x, y> = <x, A^T y>`` to 1e-10: the adjoint is the exact transpose, not an inverse, at the borders too."""
    case = case.at(dtype="float64")
    x = case.normal(1)
    ax = operator.forward(x)
    y = case.normal_like(tuple(ax.shape), 2)
    aty = operator.adjoint(y)
    require(aty.shape == x.shape, f"the adjoint has shape {tuple(aty.shape)}, its input space is {tuple(x.shape)}.")
    left, right = dot(ax, y), dot(x, aty)
    size = float(ax.norm() * y.norm() + x.norm() * aty.norm())
    ratio = right / left if left else float("nan")
    require(
        abs(left - right) <= TOLERANCE * size,
        f"<A x, y> = {left:.10g} but <x, A^T y> = {right:.10g}, ratio {ratio:.6g}.",
    )


def dense_matrix(operator: LinearOperator, case: Case) -> None:
    """Matrix of `forward`, Jacobian by autograd and transposed matrix of `adjoint` agree in relative Frobenius norm."""
    case = case.at(dtype="float64", b=1)
    matrix = dense(operator, case.space)
    shape = operator.output_space(case.space).shape
    rows = torch.eye(matrix.shape[0], dtype=torch.float64)
    transposed = operator.adjoint(rows.reshape(-1, *shape)).flatten(1)
    gap = relative_gap(transposed, matrix)
    require(
        gap < TOLERANCE, f"the adjoint's matrix differs from the transposed matrix by {gap:.3g} (relative Frobenius)."
    )
    jacobian = _jacobian(operator, case, rows.reshape(-1, *shape))
    gap = relative_gap(jacobian, matrix)
    require(gap < TOLERANCE, f"the Jacobian by autograd differs from the matrix by {gap:.3g} (relative Frobenius).")


def dense(operator: LinearOperator, space: VideoSpace) -> Tensor:
    """The matrix of the operator, output elements by input elements, float64; small videos only."""
    c, t, h, w = space.shape
    elements = c * t * h * w
    outputs = _elements(operator.output_space(space))
    if max(elements, outputs) > MOST_ELEMENTS:
        raise NotApplicable(f"{elements} x {outputs} elements are too many for a dense matrix")
    basis = torch.eye(elements, dtype=torch.float64).reshape(elements, c, t, h, w)
    return operator.forward(basis).flatten(1).T


def _jacobian(operator: LinearOperator, case: Case, cotangents: Tensor) -> Tensor:
    # One batch item per row of the Jacobian: items do not mix, so that one backward pass gives them all.
    x = case.normal().expand(cotangents.shape[0], -1, -1, -1, -1).clone().requires_grad_()
    y = operator.forward(x)
    require(y.requires_grad, "the output carries no gradient; keep to differentiable torch functions.")
    (rows,) = torch.autograd.grad(y, x, cotangents)
    return rows.flatten(1)


def _elements(space: VideoSpace) -> int:
    c, t, h, w = space.shape
    return c * t * h * w
