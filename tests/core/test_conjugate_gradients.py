import pytest
import torch

from invsolve.errors import RunFailed
from invsolve.operator.conjugate_gradients import conjugate_gradients


def spd(n: int, seed: int) -> torch.Tensor:
    root = torch.randn(n, n, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return root @ root.T + 0.1 * torch.eye(n, dtype=torch.float64)


def test_equals_a_direct_solve_for_each_item_of_its_own_scale():
    matrices = torch.stack([spd(6, 0), 1e4 * spd(6, 1), 1e-4 * spd(6, 2)])
    right = torch.randn(3, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    solved = conjugate_gradients(lambda v: torch.einsum("bij,bj->bi", matrices, v), right)
    expected = torch.linalg.solve(matrices, right)
    torch.testing.assert_close(solved, expected, rtol=1e-9, atol=0)


def test_an_item_does_not_depend_on_its_batch_mates():
    matrix = spd(5, 0)
    right = torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    right[2] = 0
    together = conjugate_gradients(lambda v: v @ matrix, right)
    alone = torch.cat([conjugate_gradients(lambda v: v @ matrix, row[None]) for row in right])
    torch.testing.assert_close(together, alone, rtol=1e-13, atol=1e-15)
    assert torch.equal(together[2], torch.zeros(5, dtype=torch.float64))


def test_singular_system_gives_the_minimum_norm_solution():
    tall = torch.randn(3, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    matrix, right = tall.T @ tall, (tall.T @ torch.ones(3, dtype=torch.float64))[None]
    solved = conjugate_gradients(lambda v: v @ matrix, right)
    torch.testing.assert_close(solved[0], torch.linalg.pinv(matrix) @ right[0], rtol=1e-8, atol=1e-10)


def test_a_start_is_used():
    matrix = spd(5, 0)
    right = torch.ones(1, 5, dtype=torch.float64)
    exact = torch.linalg.solve(matrix, right[0])[None]
    calls = []

    def apply(v):
        calls.append(1)
        return v @ matrix

    assert torch.equal(conjugate_gradients(apply, right, start=exact, tolerance=1e-9), exact)
    assert len(calls) == 1


def test_failure_to_converge_is_said_not_returned():
    diagonal = torch.logspace(0, 14, 40, dtype=torch.float64)
    with pytest.raises(RunFailed, match=r"relative residual of .* after 3 iterations"):
        conjugate_gradients(lambda v: v * diagonal, torch.ones(1, 40, dtype=torch.float64), iterations=3)
