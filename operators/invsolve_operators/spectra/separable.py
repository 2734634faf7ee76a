"""`SeparableSpectrum`: one small matrix for the rows of a frame and one for its columns."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.operator.spectrum import Spectrum


def apply_separable(rows: Tensor, columns: Tensor, x: Tensor) -> Tensor:
    """``y = R x C^T`` for each frame, with `rows` ``R`` and `columns` ``C``."""
    return torch.matmul(rows, x @ columns.mT)


@final
@attrs.frozen(eq=False)
class SeparableSpectrum(Spectrum):
    """``A x = R x C^T``: ``R = U_R diag(s_R) V_R^T`` and ``C`` alike give the products of their singular values."""

    rows: tuple[Tensor, Tensor, Tensor]
    columns: tuple[Tensor, Tensor, Tensor]

    @classmethod
    def of(cls, rows: Tensor, columns: Tensor) -> "SeparableSpectrum":
        """Decompose in float64 and return to the dtype of the matrices."""
        return cls(_decompose(rows), _decompose(columns))

    @property
    def axes(self) -> frozenset[str]:
        """``h w``."""
        return frozenset("hw")

    @property
    def singular_values(self) -> Tensor:
        """``s_R s_C``, as ``h w``."""
        return self.rows[1][:, None] * self.columns[1][None, :]

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``V_R^T x V_C``."""
        return apply_separable(self.rows[2].mT, self.columns[2].mT, x)

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``V_R coefficients V_C^T``."""
        return apply_separable(self.rows[2], self.columns[2], coefficients)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``U_R^T y U_C``."""
        return apply_separable(self.rows[0].mT, self.columns[0].mT, y)

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``U_R coefficients U_C^T``."""
        return apply_separable(self.rows[0], self.columns[0], coefficients)

    def after(self, inner: Spectrum) -> Spectrum | None:
        """The decomposition of the products of the matrices."""
        if not isinstance(inner, SeparableSpectrum):
            return None
        return SeparableSpectrum.of(
            _matrix(self.rows) @ _matrix(inner.rows), _matrix(self.columns) @ _matrix(inner.columns)
        )


def _decompose(matrix: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    u, s, vh = torch.linalg.svd(matrix.double(), full_matrices=False)
    return u.to(matrix.dtype), s.to(matrix.dtype), vh.mT.to(matrix.dtype)


def _matrix(parts: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    u, s, v = parts
    return (u * s) @ v.mT
