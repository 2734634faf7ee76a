"""`ObservationGram`: solves with the covariance of an observation, in closed form or by conjugate gradients."""

import abc
from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.conjugate_gradients import conjugate_gradients
from invsolve.operator import LinearOperator
from invsolve_priors.eigenvalues import VIDEO, Eigenvalues
from invsolve_priors.stationary_operator import StationaryOperator

ITERATIONS = 5000


class ObservationGram(abc.ABC):
    """``G = A C A^T + sigma^2 I``, the covariance of ``y = A x + sigma n`` for ``x`` of covariance ``C``."""

    @abc.abstractmethod
    def solve(self, y: Tensor) -> Tensor:
        """``G^-1 y`` for ``b c t h w`` in float64."""


@final
@attrs.frozen(eq=False)
class StationaryGram(ObservationGram):
    """``G`` of a stationary operator: one system of ``m m`` for each frequency of the output grid.

    - ``factors``: Cholesky factors of the blocks ``t' h' w'/2+1 m m``, for grey and for colour.
    """

    factors: Eigenvalues

    @classmethod
    def of(cls, operator: StationaryOperator, covariance: Eigenvalues, noise_variance: float) -> "StationaryGram":
        """Factorise ``G`` for a covariance on the full grid."""
        grey = covariance.grey
        noise = noise_variance * torch.eye(operator.blocks, dtype=grey.dtype, device=grey.device)
        return cls(operator.observed(covariance).map(lambda block: _factor(block + noise)))

    def solve(self, y: Tensor) -> Tensor:
        """One transform, the small systems, one transform back."""
        grid_t, _, _, blocks, _ = self.factors.grey.shape
        grid = (grid_t, *y.shape[-2:])
        coefficients = torch.fft.rfftn(y.reshape(*y.shape[:2], blocks, *grid), dim=VIDEO)
        mean = coefficients.mean(1, keepdim=True)
        solved = _solve(self.factors.colour, coefficients - mean) + _solve(self.factors.grey, mean)
        inverted: Tensor = torch.fft.irfftn(solved, s=grid, dim=VIDEO)
        return inverted.reshape(y.shape)


def _factor(block: Tensor) -> Tensor:
    return block.real.sqrt() if block.shape[-1] == 1 else torch.linalg.cholesky(block)


def _solve(factor: Tensor, right: Tensor) -> Tensor:
    """``b c m t' h' w'`` behind the factors ``t' h' w' m m``."""
    columns = right.movedim((2, 0, 1), (-3, -2, -1))
    if factor.shape[-1] == 1:
        solved = columns / factor.square()[..., None]
    else:
        solved = torch.cholesky_solve(columns.flatten(-2), factor).reshape(columns.shape)
    return solved.movedim((-3, -2, -1), (2, 0, 1))


@final
@attrs.frozen(eq=False)
class IterativeGram(ObservationGram):
    """``G`` of any linear operator, by conjugate gradients.

    - ``covariance``: ``C`` on the half of the frequencies.
    """

    operator: LinearOperator
    covariance: Eigenvalues
    noise_variance: float

    def solve(self, y: Tensor) -> Tensor:
        """Each item until its own residual is 1e-12 of its right side; raises `RunFailed` if that takes too long."""

        def apply(v: Tensor) -> Tensor:
            coloured = self.covariance.apply(self.operator.adjoint(v))
            return self.operator.forward(coloured) + self.noise_variance * v

        return conjugate_gradients(apply, y, iterations=ITERATIONS)
