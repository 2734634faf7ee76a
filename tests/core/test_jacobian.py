"""`push_forward` beside dense Jacobians, with and without a forward mode."""

import pytest
import torch

from invsolve.problem.jacobian import push_forward


class OnlyBackwards(torch.autograd.Function):
    """``sin``, of which torch knows no forward mode here."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * x.cos()


@pytest.mark.parametrize("sine", [torch.sin, OnlyBackwards.apply])
def test_it_is_the_jacobian_times_the_tangent(sine):
    weights = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    point, tangent = torch.linspace(-1, 1, 4).double(), torch.tensor([0.5, -1.0, 2.0, 0.1]).double()

    def function(x):
        return weights @ sine(x) ** 2

    dense = torch.autograd.functional.jacobian(lambda x: weights @ torch.sin(x) ** 2, point)
    torch.testing.assert_close(push_forward(function, point, tangent), dense @ tangent, rtol=1e-12, atol=1e-12)


def test_what_does_not_depend_on_its_input_is_pushed_to_zero():
    pushed = push_forward(lambda _: torch.ones(3), torch.zeros(2), torch.ones(2))
    assert torch.equal(pushed, torch.zeros(3))


def test_errors_of_the_function_itself_are_raised():
    with pytest.raises(RuntimeError, match="its own"):
        push_forward(lambda x: (_ for _ in ()).throw(RuntimeError("its own")), torch.zeros(2), torch.ones(2))
