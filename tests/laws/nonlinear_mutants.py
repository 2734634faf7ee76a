"""Operators whose gradients are wrong, or which are no proper values, and sound ones beside them."""

from collections.abc import Callable

import attrs
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from invsolve.operator import LinearOperator, Operator


@attrs.frozen
class Response(Operator):
    """Sound: a smooth nonlinear response."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x)


@attrs.frozen
class Detached(Response):
    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x).detach()


@attrs.frozen
class InfiniteGradient(Response):
    def forward(self, x: Tensor) -> Tensor:
        return x.clamp_min(0).sqrt()


class _WrongSlope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.tanh(x)

    @staticmethod
    def backward(ctx, cotangent: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return cotangent * (1 - torch.tanh(x))


@attrs.frozen
class WrongGradient(Response):
    def forward(self, x: Tensor) -> Tensor:
        return _WrongSlope.apply(x)


class _Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        return 2 * x

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent: Tensor) -> Tensor:
        return 2 * cotangent


@attrs.frozen
class DifferentiableOnce(LinearOperator):
    def forward(self, x: Tensor) -> Tensor:
        return _Once.apply(x)

    def adjoint(self, y: Tensor) -> Tensor:
        return 2 * y


@attrs.frozen
class CannotBePickled(Response):
    curve: Callable[[Tensor], Tensor] = attrs.field(factory=lambda: lambda x: x, eq=False)


@attrs.frozen(eq=False)
class EqualToNothing(Operator):
    def forward(self, x: Tensor) -> Tensor:
        return x


@attrs.frozen
class ReprHidesAField(Response):
    gain: float = attrs.field(default=1.0, repr=False)


@attrs.frozen
class NoRecipeCanWriteIt(Response):
    """Sound in Python, but a recipe has no way to write a complex number."""

    gain: complex = 1j


@attrs.frozen(init=False)
class TakesAnything(Response):
    def __init__(self, **fields: float) -> None:
        self.__attrs_init__()
