"""Operators on the time axis are one small matrix: mixing frames, its transpose, its spectrum."""

from typing import Any, final

import attrs
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.operator.fourier import FourierSpectrum
from invsolve.operator.spectrum import Spectrum
from invsolve_operators.spectra.blurred_exposure import expose_blurred

Matrix = np.ndarray[Any, np.dtype[np.float64]]


def mix_frames(weights: Float[Tensor, "r m n"], x: Float[Tensor, "b c n h w"]) -> Float[Tensor, "b c m h w"]:
    """``y[m, h] = sum_n weights[r, m, n] x[n, h]``: ``r = h``, or one matrix for all rows where ``r`` has size 1."""
    rows, m, n = weights.shape
    b, c, _, h, w = x.shape
    if rows > 1:
        return torch.einsum("hmn,bcnhw->bcmhw", weights, x)
    if n == 1:
        return x * weights.reshape(1, 1, m, 1, 1)
    return torch.bmm(weights.expand(b * c, m, n), x.reshape(b * c, n, h * w)).reshape(b, c, m, h, w)


def average_windows(row: Float[Tensor, " n"], x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c m h w"]:
    """``y[m] = sum_n row[n] x[m N + n]``: what `mix_frames` does for windows side by side, without the zeros."""
    b, c, t, h, w = x.shape
    (n,) = row.shape
    windows = x.reshape(b * c * t // n, n, h * w)
    return torch.bmm(row.expand(windows.shape[0], 1, n), windows).reshape(b, c, t // n, h, w)


def spread_windows(row: Float[Tensor, " n"], y: Float[Tensor, "b c m h w"]) -> Float[Tensor, "b c t h w"]:
    """``x[m N + n] = row[n] y[m]``, the transpose of `average_windows`."""
    return (y.unsqueeze(3) * row.reshape(-1, 1, 1)).flatten(2, 3)


def on_device(matrix: Matrix, cache: Cache, like: Tensor, *, transposed: bool) -> Tensor:
    """The weights ``r m n`` of `matrix` (``m n``, or ``h m n``), or their transposes, in the dtype of `like`."""
    key = (matrix.shape, like.dtype, like.device, transposed)

    def make() -> Tensor:
        weights = torch.from_numpy(matrix.reshape(-1, *matrix.shape[-2:]))
        weights = weights.mT.contiguous() if transposed else weights
        return weights.to(like.device, like.dtype)

    return cache.get(key, make)


@final
@attrs.frozen(eq=False)
class TemporalSpectrum(Spectrum):
    """``W = U diag(s) V^T`` on the time axis, all pixels alike or (rolling shutter) row by row.

    Attributes:
        weights: ``W``, ``r m n``.
        u: ``r m k``.
        s: ``r k``.
        v: ``r n k`` with ``k = min(m, n)``; ``r`` is 1 or the number of rows.
    """

    weights: Tensor
    u: Tensor
    s: Tensor
    v: Tensor

    @classmethod
    def of(cls, weights: Float[Tensor, "r m n"]) -> "TemporalSpectrum":
        """Decompose in float64 and return to the dtype of `weights`."""
        u, s, vh = torch.linalg.svd(weights.double(), full_matrices=False)
        return cls(weights, u.to(weights.dtype), s.to(weights.dtype), vh.mT.to(weights.dtype))

    @property
    def axes(self) -> frozenset[str]:
        """``t``, and ``h`` where rows differ."""
        return frozenset("t") if self.s.shape[0] == 1 else frozenset("th")

    @property
    def singular_values(self) -> Tensor:
        """``s`` as ``k h 1`` to meet coefficients ``b c k h w``."""
        return self.s.mT[:, :, None]

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``V^T x``."""
        return mix_frames(self.v.mT, x)

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``V coefficients``."""
        return mix_frames(self.v, coefficients)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``U^T y``."""
        return mix_frames(self.u.mT, y)

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``U coefficients``."""
        return mix_frames(self.u, coefficients)

    def after(self, inner: Spectrum) -> Spectrum | None:
        """The product of two matrices over time, or separate exposures of a video whose frames are blurred apart."""
        if isinstance(inner, FourierSpectrum):
            return expose_blurred(self.weights, inner)
        return TemporalSpectrum.of(self.weights @ inner.weights) if isinstance(inner, TemporalSpectrum) else None


def time_spectrum(matrix: Matrix, dtype: torch.dtype, device: torch.device) -> TemporalSpectrum:
    """The spectrum of a time matrix ``m n`` or ``h m n``."""
    exact = TemporalSpectrum.of(torch.from_numpy(matrix.reshape(-1, *matrix.shape[-2:])))
    return TemporalSpectrum(*(part.to(device, dtype) for part in (exact.weights, exact.u, exact.s, exact.v)))
