"""`BlurredExposureSpectrum`: exposures of a video whose frames have been blurred by a kernel each."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.operator.fourier import FourierSpectrum
from invsolve.operator.spectrum import Spectrum


@final
@attrs.frozen(eq=False)
class BlurredExposureSpectrum(Spectrum):
    """``y[m] = sum_n W[m, n] k_n * x[n]`` where no frame is in two exposures: then ``A A^T`` is diagonal in Fourier.

    ``s[m, f]^2 = sum_n W[m, n]^2 |khat_n(f)|^2``, ``U = F^H``, and ``V^H x = (sum_n W[m, n] khat_n xhat_n) / s[m]``.

    Attributes:
        weights: ``W``, ``m n``, rows with disjoint supports.
        blur: the spectrum of the kernels ``k_n``.
    """

    weights: Tensor
    blur: FourierSpectrum

    @property
    def axes(self) -> frozenset[str]:
        """``t h w``."""
        return frozenset("thw")

    @property
    def singular_values(self) -> Tensor:
        """``sqrt(sum_n W[m, n]^2 |khat_n|^2)``, ``m h w/2+1``."""
        return _mix(self.weights**2, self.blur.symbol.abs() ** 2).sqrt()

    def to_input_basis(self, x: Tensor) -> Tensor:
        """Blur, expose and divide by ``s``, in Fourier."""
        return self._divide(_mix(self.weights, self.blur.symbol * self.blur.to_input_basis(x)))

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """The transpose of `to_input_basis`."""
        spread = _mix(self.weights.mT, self._divide(coefficients))
        return self.blur.from_input_basis(self.blur.symbol.conj() * spread)

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``F y``."""
        return self.blur.to_input_basis(y)

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``F^H coefficients``."""
        return self.blur.from_input_basis(coefficients)

    def after(self, inner: Spectrum) -> Spectrum | None:
        """None."""
        return None

    def _divide(self, coefficients: Tensor) -> Tensor:
        s = self.singular_values
        return torch.where(s > 0, coefficients / torch.where(s > 0, s, 1.0), 0.0)


def expose_blurred(weights: Float[Tensor, "r m n"], blur: FourierSpectrum) -> BlurredExposureSpectrum | None:
    """The spectrum of exposures after a blur of each frame, or None where exposures share frames or rows differ."""
    if weights.shape[0] > 1 or bool(((weights[0] != 0).sum(0) > 1).any()):
        return None
    return BlurredExposureSpectrum(weights[0], blur)


def _mix(weights: Tensor, coefficients: Tensor) -> Tensor:
    """``sum_n weights[m, n] coefficients[..., n, h, w]``."""
    return torch.einsum("mn,...nhw->...mhw", weights.to(coefficients.dtype), coefficients)
