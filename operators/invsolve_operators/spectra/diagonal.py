"""`DiagonalSpectrum`: operators that multiply each value by a number."""

from typing import final

import attrs
from torch import Tensor

from invsolve.operator.spectrum import Spectrum


@final
@attrs.frozen(eq=False)
class DiagonalSpectrum(Spectrum):
    """``A x = factors x``: ``s = |factors|``, ``V = I``, ``U = sign(factors)``.

    Attributes:
        factors: ``c t h w`` with 1 along the axes where all values share a factor.
    """

    factors: Tensor

    @property
    def axes(self) -> frozenset[str]:
        """The axes along which factors differ."""
        return frozenset(axis for axis, size in zip("cthw", self.factors.shape, strict=True) if size > 1)

    @property
    def singular_values(self) -> Tensor:
        """``|factors|``."""
        return self.factors.abs()

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``x``."""
        return x

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients``."""
        return coefficients

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``sign(factors) y``."""
        return self.factors.sign() * y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``sign(factors) coefficients``."""
        return self.factors.sign() * coefficients

    def after(self, inner: Spectrum) -> Spectrum | None:
        """The product of the factors."""
        return DiagonalSpectrum(self.factors * inner.factors) if isinstance(inner, DiagonalSpectrum) else None
