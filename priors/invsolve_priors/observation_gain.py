"""`ObservationGain`: how a residual of the observation corrects the latent, directly or by conjugate gradients."""

import abc
from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.conjugate_gradients import conjugate_gradients
from invsolve.operator import LinearOperator
from invsolve_priors.eigenvalues import VIDEO, Eigenvalues
from invsolve_priors.stationary_operator import StationaryOperator

ITERATIONS = 2000


class ObservationGain(abc.ABC):
    """``K = C A^T (A C A^T + sigma^2 I)^-1`` for ``y = A z + sigma n`` and a latent of covariance ``C``."""

    @abc.abstractmethod
    def correct(self, residual: Tensor) -> Tensor:
        """``K r``, from ``b c t h w`` of the observation to that of the latent, in float64."""


@final
@attrs.frozen(eq=False)
class StationaryGain(ObservationGain):
    """``K`` of a stationary operator: one system of ``m m`` for each frequency of the output grid.

    - ``covariance``: ``C`` on the half of the frequencies.
    - ``factors``: Cholesky factors of the blocks ``t' h' w'/2+1 m m`` of ``A C A^T + sigma^2 I``.
    """

    operator: StationaryOperator
    covariance: Eigenvalues
    factors: Eigenvalues
    noise_variance: float

    @classmethod
    def of(cls, operator: StationaryOperator, covariance: Eigenvalues, noise_variance: float) -> "StationaryGain":
        """Factorise for a covariance on the full grid."""
        grey = covariance.grey
        noise = noise_variance * torch.eye(operator.blocks, dtype=grey.dtype, device=grey.device)
        factors = operator.observed(covariance).map(lambda block: _factor(block + noise))
        return cls(operator, covariance.half(grey), factors, noise_variance)

    def correct(self, residual: Tensor) -> Tensor:
        """The small systems between two pairs of transforms."""
        return self.covariance.apply(self.operator.adjoint(self.solve(residual)))

    def solve(self, y: Tensor) -> Tensor:
        """``(A C A^T + sigma^2 I)^-1 y``."""
        grid = self.operator.grid
        coefficients = torch.fft.rfftn(y.reshape(*y.shape[:2], -1, *grid), dim=VIDEO)
        mean = coefficients.mean(1, keepdim=True)
        solved = _solve(self.factors.colour, coefficients - mean) + _solve(self.factors.grey, mean)
        inverted: Tensor = torch.fft.irfftn(solved, s=grid, dim=VIDEO)
        return inverted.reshape(y.shape)

    def spread(self, z: Tensor) -> Tensor:
        """``Cov[z | y] z = (C - K A C) z``."""
        if self.operator.blocks == 1 and self.operator.factors == (1, 1, 1):
            kept = zip(attrs.astuple(self.covariance), attrs.astuple(self.factors), strict=True)
            return Eigenvalues(*(self.noise_variance * c / f[..., 0, 0].square() for c, f in kept)).apply(z)
        coloured = self.covariance.apply(z)
        return coloured - self.correct(self.operator.forward(coloured))


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
class IterativeGain(ObservationGain):
    """``K r`` of any linear operator: ``(C^-1 + A^T A / sigma^2) u = A^T r / sigma^2`` by conjugate gradients.

    - ``covariance``: ``C`` on the half of the frequencies, positive.
    - ``near``: the gain of a stationary operator that resembles ``A``: its posterior covariance is the preconditioner.
    - ``tolerance``: of the error relative to the result, in the norm of the posterior's precision.
    """

    operator: LinearOperator
    covariance: Eigenvalues
    noise_variance: float
    near: StationaryGain | None
    tolerance: float

    def correct(self, residual: Tensor) -> Tensor:
        """Each item until its own error is small enough; raises `RunFailed` if that takes too long."""
        inverse = self.covariance.map(lambda values: 1 / values)

        def apply(u: Tensor) -> Tensor:
            return inverse.apply(u) + self.operator.adjoint(self.operator.forward(u)) / self.noise_variance

        precondition = self.covariance.apply if self.near is None else self.near.spread
        right = self.operator.adjoint(residual) / self.noise_variance
        return conjugate_gradients(
            apply, right, tolerance=self.tolerance, iterations=ITERATIONS, precondition=precondition
        )
