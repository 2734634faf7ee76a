import pytest
import torch

import invsolve as iv
from invsolve.errors import ComponentError, SpaceError
from tests.core.parts import Halve, Square


def dense(operator: iv.LinearOperator, space: iv.VideoSpace) -> torch.Tensor:
    size = int(torch.tensor(space.shape).prod())
    basis = torch.eye(size, dtype=torch.float64).reshape(size, *space.shape)
    return operator.forward(basis).flatten(1).T


SPACE = iv.VideoSpace(frames=2, height=3, width=4, channels=1)
X = torch.randn(2, 1, 2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
Y = torch.randn(2, 1, 2, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_order_flattening_and_linearity():
    first, second, third = Halve(), iv.Scaled(0.5), Square()
    assert second @ first == iv.pipeline(first, second) == iv.LinearPipeline((first, second))
    assert third @ (second @ first) == iv.pipeline(first, second, third) == iv.Pipeline((first, second, third))
    assert iv.pipeline(first) is first
    torch.testing.assert_close((third @ second @ first)(X), (0.5 * Halve()(X)) ** 2)
    with pytest.raises(ComponentError, match="at least one"):
        iv.pipeline()


@pytest.mark.parametrize("operator", [Halve(), iv.Scaled(-0.7) @ Halve(), iv.Scaled(-0.7), iv.Identity()], ids=repr)
def test_iterative_and_spectral_forms_equal_the_dense_ones(operator):
    a = dense(operator, SPACE)
    y = operator(X) + 0.1
    space = operator.output_space(SPACE)
    inverse = torch.linalg.pinv(a)
    torch.testing.assert_close(operator.pseudo_inverse(y).flatten(1), y.flatten(1) @ inverse.T, rtol=1e-9, atol=1e-10)
    for r2, s2 in ((0.7, 0.3), (2.0, 1e-4), (0.5, 0.0)):
        gram = r2 * a @ a.T + s2 * torch.eye(a.shape[0], dtype=torch.float64)
        solved = operator.gram_solve(y, r2, s2).flatten(1)
        torch.testing.assert_close(solved, y.flatten(1) @ torch.linalg.pinv(gram).T, rtol=1e-8, atol=1e-9)
        if s2:
            left = a.T @ a / s2 + torch.eye(a.shape[1], dtype=torch.float64) / r2
            right = y.flatten(1) @ a / s2 + X.flatten(1) / r2
            nearest = operator.prox(X, y, r2, s2).flatten(1)
            torch.testing.assert_close(nearest, torch.linalg.solve(left, right.T).T, rtol=1e-8, atol=1e-9)
    assert operator.norm(SPACE) == pytest.approx(float(torch.linalg.matrix_norm(a, 2)), rel=1e-6)
    assert operator.input_space(space) == SPACE


def test_a_number_times_an_operator_scales_it():
    torch.testing.assert_close((2 * Halve())(X), 2 * Halve()(X))
    assert 2 * Halve() == iv.Scaled(2.0) @ Halve()
    assert 2 * (Halve() @ iv.Scaled(0.5)) == iv.pipeline(iv.Scaled(0.5), Halve(), iv.Scaled(2.0))


def test_adjoint_of_a_pipeline_is_its_transpose():
    operator = iv.Scaled(-0.7) @ Halve()
    torch.testing.assert_close(operator.adjoint(Y).flatten(1), Y.flatten(1) @ dense(operator, SPACE))


def test_a_refusing_part_is_named():
    with pytest.raises(SpaceError, match=r"operator 2 of 2, Halve\(\)"):
        (Halve() @ iv.Scaled(0.5)).output_space(iv.VideoSpace(frames=1, height=2, width=5))


def test_a_scale_of_zero_is_refused():
    with pytest.raises(ComponentError, match="factor must not be 0"):
        iv.Scaled(0.0)
