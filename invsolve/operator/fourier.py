"""`FourierSpectrum`: operators that multiply each spatial frequency of each frame by a number."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator.spectrum import Spectrum


@final
@attrs.frozen(eq=False)
class FourierSpectrum(Spectrum):
    """A circular convolution: ``A = F^H diag(symbol) F`` with the unitary Fourier transform ``F`` over ``h w``.

    The singular values are ``|symbol|`` and ``U`` carries the phase, so that ``V`` is ``F^H`` whatever the kernel is.
    The coefficients are the non-negative half of a Hermitian spectrum.

    Attributes:
        symbol: complex ``t h w/2+1``: the transform of the kernel as `torch.fft.rfft2` orders it, ``t`` being 1 where
            all frames share it; ``c t h w/2+1`` where channels have kernels of their own.
        height: the size of the frames.
        width: the size of the frames.
    """

    symbol: Tensor
    height: int
    width: int

    @property
    def axes(self) -> frozenset[str]:
        """``h w``, ``t`` where frames differ, and ``c`` where channels do."""
        frames, channels = self.symbol.shape[-3] > 1, self.symbol.ndim == 4
        return frozenset("hw" + "t" * frames + "c" * channels)

    @property
    def singular_values(self) -> Tensor:
        """``|symbol|``."""
        return self.symbol.abs()

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``F x``."""
        return _transform(x, "ortho")

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``F^H coefficients``."""
        return _transform_back(coefficients, self.height, self.width, "ortho")

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``conj(phase) F y``."""
        return self._phase().conj() * _transform(y, "ortho")

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``F^H phase coefficients``."""
        return self.from_input_basis(self._phase() * coefficients)

    def after(self, inner: Spectrum) -> Spectrum | None:
        """The product of the symbols, for another Fourier spectrum of the same size."""
        if isinstance(inner, FourierSpectrum) and (inner.height, inner.width) == (self.height, self.width):
            return FourierSpectrum(self.symbol * inner.symbol, self.height, self.width)
        return None

    def apply(self, x: Tensor) -> Tensor:
        """``A x``: one pair of transforms."""
        return _transform_back(self.symbol * _transform(x, "backward"), self.height, self.width, "backward")

    def apply_adjoint(self, y: Tensor) -> Tensor:
        """``A^T y``: one pair of transforms."""
        return _transform_back(self.symbol.conj() * _transform(y, "backward"), self.height, self.width, "backward")

    def _phase(self) -> Tensor:
        magnitude = self.symbol.abs()
        kept = magnitude > 0
        return torch.where(kept, self.symbol / torch.where(kept, magnitude, 1.0), 1.0)


def _transform(x: Tensor, norm: str) -> Tensor:
    # Some Fourier libraries refuse a batch of nothing.
    if x.numel() == 0:
        dtype = torch.complex128 if x.dtype == torch.float64 else torch.complex64
        return x.new_zeros((*x.shape[:-1], x.shape[-1] // 2 + 1), dtype=dtype)
    coefficients: Tensor = torch.fft.rfft2(x, norm=norm)
    return coefficients


def _transform_back(coefficients: Tensor, height: int, width: int, norm: str) -> Tensor:
    if coefficients.numel() == 0:
        return coefficients.real.new_zeros((*coefficients.shape[:-1], width))
    x: Tensor = torch.fft.irfft2(coefficients, s=(height, width), norm=norm)
    return x
