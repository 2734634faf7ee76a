"""`try_parts`: operator and noise asked once, before any work, whether they return what their contracts say."""

import torch

from invsolve.operator import LinearOperator
from invsolve.problem.problem import Problem
from invsolve.returned import check_tensor, refuse


def try_parts(problem: Problem) -> None:
    """Show the operator a grey video, and the noise what it makes of it.

    Raises:
        BrokenPlugin: for results of another shape or type than the contract's, and for a standard deviation that is no
            number.
    """
    operator, noise, y = problem.operator, problem.noise, problem.observation[:1]
    grey = torch.full((1, *problem.space.shape), 0.5).to(y)
    with torch.no_grad():
        mean = operator.forward(grey)
        check_tensor(operator, "forward", mean, y.shape, y.dtype)
        if isinstance(operator, LinearOperator):
            check_tensor(operator, "adjoint", operator.adjoint(y), grey.shape, y.dtype)
        std = noise.standard_deviation(mean)
        check_tensor(noise, "standard_deviation", std, y.shape, y.dtype)
        broken = int((~(std >= 0)).sum())
        if broken:
            refuse(noise, "standard_deviation", f"NaN or less than 0 for {broken} of {std.numel()} values", "0 or more")
        check_tensor(noise, "negative_log_likelihood", noise.negative_log_likelihood(y, mean), (1,), y.dtype)
