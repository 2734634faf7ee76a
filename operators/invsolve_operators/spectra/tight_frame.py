"""`TightSpectrum`: operators whose observations are orthogonal and of equal strength."""

from collections.abc import Callable
from typing import final

import attrs
from torch import Tensor

from invsolve.operator.spectrum import Spectrum


@final
@attrs.frozen(eq=False)
class TightSpectrum(Spectrum):
    """``A A^T = value^2 I``: one singular value, ``U = I`` and ``V = A^T / value``.

    Block averages are of this kind, and mosaics; so is one after another.
    """

    forward: Callable[[Tensor], Tensor]
    adjoint: Callable[[Tensor], Tensor]
    value: Tensor
    acts_on: frozenset[str]

    @property
    def axes(self) -> frozenset[str]:
        """The axes that the operator acts on."""
        return self.acts_on

    @property
    def singular_values(self) -> Tensor:
        """``value``."""
        return self.value

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``A x / value``."""
        return self.forward(x) / self.value

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``A^T coefficients / value``."""
        return self.adjoint(coefficients / self.value)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``y``."""
        return y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``coefficients``."""
        return coefficients

    def after(self, inner: Spectrum) -> Spectrum | None:
        """Another tight frame, whose value is the product."""
        if not isinstance(inner, TightSpectrum):
            return None
        return TightSpectrum(
            lambda x: self.forward(inner.forward(x)),
            lambda y: inner.adjoint(self.adjoint(y)),
            self.value * inner.value,
            self.acts_on | inner.acts_on,
        )
