"""Laws about gradients of every `Operator`: samplers differentiate through it. All in float64."""

from typing import Final

import torch
from torch import Tensor

from invsolve.operator import LinearOperator, Operator
from invsolve.testing.case import Case
from invsolve.testing.law import LawBroken, NotApplicable, require
from invsolve.testing.laws.gap import relative_gap

OUTSIDE: Final = (-0.2, 0.0, 1.0, 1.2)  # values that samplers pass through on their way


def gradient_flows(operator: Operator, case: Case) -> None:
    """The output carries a gradient back to the input, unless the operator is piecewise constant."""
    x = case.at(dtype="float64").video()
    if _piecewise_constant(operator, x):
        raise NotApplicable("it is piecewise constant: its gradient is a convention")
    require(
        operator(x.clone().requires_grad_()).requires_grad,
        "the output carries no gradient; keep to differentiable torch functions.",
    )


def gradient_is_finite(operator: Operator, case: Case) -> None:
    """The gradient is finite everywhere: at 0 and 1, and at the values outside that samplers pass through."""
    x = case.at(dtype="float64").video()
    flat = x.view(-1)
    for i, value in enumerate(OUTSIDE):
        flat[i :: 2 * len(OUTSIDE)] = value
    gradient = _gradient(operator, x)
    broken = ~torch.isfinite(gradient)
    require(
        not bool(broken.any()),
        f"{int(broken.sum())} of {broken.numel()} gradients are NaN or infinite, the first at "
        f"x = {float(x[broken][0]) if bool(broken.any()) else 0:.3g}.",
    )


def gradient_is_right(operator: Operator, case: Case) -> None:
    """The gradient agrees with central differences in random directions."""
    case = case.at(dtype="float64")
    x = case.video()
    if _piecewise_constant(operator, x):
        raise NotApplicable("it is piecewise constant: its gradient is a convention")
    traced = x.clone().requires_grad_()
    y = operator(traced)
    if not y.requires_grad:
        raise LawBroken("the output carries no gradient.")
    for stream in (3, 4):
        direction = case.normal(stream)
        cotangent = case.normal_like(tuple(y.shape), stream + 10)
        (gradient,) = torch.autograd.grad(y, traced, cotangent, retain_graph=True)
        step = 1e-6
        with torch.no_grad():
            change = (operator(x + step * direction) - operator(x - step * direction)) / (2 * step)
        by_autograd, by_differences = (gradient * direction).sum(), (cotangent * change).sum()
        size = gradient.norm() * direction.norm() + cotangent.norm() * change.norm()
        require(
            bool((by_autograd - by_differences).abs() <= 1e-6 * size + 1e-12),
            f"autograd gives a slope of {float(by_autograd):.8g}, central differences {float(by_differences):.8g}.",
        )


def double_backward(operator: Operator, case: Case) -> None:
    """A gradient can be differentiated again; for a linear ``A``, the Hessian of ``||A x||^2 / 2`` is ``A^T A``."""
    case = case.at(dtype="float64")
    x = case.video().requires_grad_()
    y = operator(x)
    if not y.requires_grad:
        raise NotApplicable("its output carries no gradient")
    (gradient,) = torch.autograd.grad(y.square().sum() / 2, x, create_graph=True)
    direction = case.normal(5)
    require(gradient.requires_grad, "the gradient has no graph: a custom backward must itself be differentiable.")
    (product,) = torch.autograd.grad((gradient * direction).sum(), x)
    require(bool(torch.isfinite(product).all()), "a second derivative is NaN or infinite.")
    if isinstance(operator, LinearOperator):
        gap = relative_gap(product, operator.adjoint(operator.forward(direction)))
        require(gap < 1e-10, f"the Hessian-vector product differs from A^T A v by {gap:.3g} (relative).")


def _gradient(operator: Operator, x: Tensor) -> Tensor:
    traced = x.clone().requires_grad_()
    y = operator(traced)
    if not y.requires_grad:
        raise NotApplicable("its output carries no gradient")
    (gradient,) = torch.autograd.grad(y.square().sum(), traced)
    return gradient


def _piecewise_constant(operator: Operator, x: Tensor) -> bool:
    with torch.no_grad():
        return torch.equal(operator(x), operator(x + 1e-9 * torch.ones_like(x)))
