"""`ObservationGain`: how a residual of the observation corrects the latent, directly or by conjugate gradients."""

import abc
from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.operator import LinearOperator
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve_priors.spectral.eigenvalues import Eigenvalues
from invsolve_priors.spectral.stationary_operator import StationaryOperator

ITERATIONS: Final = 2000


class ObservationGain(abc.ABC):
    """``K = C A^T (A C A^T + sigma^2 I)^-1`` for ``y = A z + sigma n`` and a latent of covariance ``C``."""

    @abc.abstractmethod
    def correct(self, residual: Tensor) -> Tensor:
        """``K r``, from ``b c t h w`` of the observation to that of the latent, in the dtype of `residual`."""


@final
@attrs.frozen(eq=False)
class StationaryGain(ObservationGain):
    """``K`` of a stationary operator: one system of ``m m`` for each frequency of the output grid, solved beforehand.

    Attributes:
        covariance: ``C`` on the half of the frequencies.
        weights: ``K`` as a complex number for each frequency of the latent and each block, for grey and for colour.
        kept: the eigenvalues of ``C - K A C``, where no frequencies alias and there is one block.
    """

    operator: StationaryOperator
    covariance: Eigenvalues
    weights: Eigenvalues
    kept: Eigenvalues | None

    @classmethod
    def of(cls, operator: StationaryOperator, covariance: Eigenvalues, noise_variance: float) -> "StationaryGain":
        """Solve the systems for a covariance on the full grid, in float64."""

        def gram(power: Tensor) -> Tensor:
            noise = noise_variance * torch.eye(operator.blocks, dtype=power.dtype, device=power.device)
            return operator.observed(power) + noise

        def kept(power: Tensor) -> Tensor:
            return operator.fold(power)[0, :, 0, :, 0] * noise_variance / gram(power)[..., 0, 0].real

        plain = operator.blocks == 1 and operator.factors == (1, 1, 1)
        weights = covariance.map(lambda power: operator.fold(power) * _solved(gram(power), operator.responses))
        return cls(operator, covariance.half(covariance.grey), weights, covariance.map(kept) if plain else None)

    def correct(self, residual: Tensor) -> Tensor:
        """One transform there and one back."""
        coefficients = self.operator.transform(residual)
        weights = self.weights.map(lambda values: values.to(coefficients.dtype))
        mean = coefficients.mean(1, keepdim=True)
        colour = self.operator.spread(coefficients - mean, weights.colour)
        return self.operator.inverse(colour + self.operator.spread(mean, weights.grey))

    def spread(self, z: Tensor) -> Tensor:
        """``Cov[z | y] z = (C - K A C) z``."""
        if self.kept is not None:
            return self.kept.apply(z)
        coloured = self.covariance.apply(z)
        return coloured - self.correct(self.operator.forward(coloured))


def _solved(gram: Tensor, responses: Tensor) -> Tensor:
    """``sum_n r_n (G^-1)_nm`` for Hermitian blocks ``t' h' w' m m`` and the responses ``m at t' ah h' aw w'``."""
    if gram.shape[-1] == 1:
        return responses / gram[None, None, :, None, :, None, :, 0, 0].real
    columns = responses.conj().permute(2, 4, 6, 0, 1, 3, 5)  # t' h' w' m, and what aliases
    solved = torch.cholesky_solve(columns.flatten(-3), torch.linalg.cholesky(gram))
    return solved.reshape(columns.shape).permute(3, 4, 0, 5, 1, 6, 2).conj()


@final
@attrs.frozen(eq=False)
class IterativeGain(ObservationGain):
    """``K r`` of any linear operator: ``(C^-1 + A^T A / sigma^2) u = A^T r / sigma^2`` by conjugate gradients.

    Attributes:
        covariance: ``C`` on the half of the frequencies, positive.
        near: the gain of a stationary operator that resembles ``A``: its posterior covariance is the preconditioner.
        tolerance: of the error relative to the result, in the norm of the posterior's precision.
    """

    operator: LinearOperator
    covariance: Eigenvalues
    noise_variance: float
    near: StationaryGain | None
    tolerance: float

    def correct(self, residual: Tensor) -> Tensor:
        """Each item until its own error is small enough; raises `RunFailed` if that takes too long. In float64."""
        inverse = self.covariance.map(lambda values: 1 / values)

        def apply(u: Tensor) -> Tensor:
            return inverse.apply(u) + self.operator.adjoint(self.operator.forward(u)) / self.noise_variance

        precondition = self.covariance.apply if self.near is None else self.near.spread
        right = self.operator.adjoint(residual.double()) / self.noise_variance
        return conjugate_gradients(
            apply, right, tolerance=self.tolerance, iterations=ITERATIONS, precondition=precondition
        ).to(residual)
