"""`Spectrum`: the singular value decomposition of an operator, as fast transforms."""

import abc
from typing import final

import attrs
import torch
from torch import Tensor


class Spectrum(abc.ABC):
    """``A = U diag(s) V^H`` with orthonormal columns in ``U`` and ``V``.

    Inputs ``x`` are ``b c t h w``, outputs ``y`` are ``b c2 t2 h2 w2``; coefficient tensors have five axes too, and may
    be complex (Fourier). Each item of a batch is transformed on its own. All closed forms of an operator follow from
    these four transforms and the values ``s``. The transforms raise nothing for tensors of the spectrum's sizes, dtype
    and device, which are those that `LinearOperator.spectrum` was asked for.
    """

    @property
    @abc.abstractmethod
    def axes(self) -> frozenset[str]:
        """The axes among ``c t h w`` on which the operator acts; it is the identity along the others."""

    @property
    @abc.abstractmethod
    def singular_values(self) -> Tensor:
        """``s >= 0``, real, broadcastable to the coefficient tensor ``b c t h w``."""

    @abc.abstractmethod
    def to_input_basis(self, x: Tensor) -> Tensor:
        """``V^H x``, the coefficients of an input ``b c t h w``."""

    @abc.abstractmethod
    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``V coefficients``, an input ``b c t h w``."""

    @abc.abstractmethod
    def to_output_basis(self, y: Tensor) -> Tensor:
        """``U^H y``, the coefficients of an output ``b c2 t2 h2 w2``, as many as those of an input."""

    @abc.abstractmethod
    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``U coefficients``, an output ``b c2 t2 h2 w2``."""

    @abc.abstractmethod
    def after(self, inner: "Spectrum") -> "Spectrum | None":
        """The spectrum of ``self @ inner`` when both act on the same axes, or None where no closed form is known."""

    def pseudo_inverse(self, y: Tensor) -> Tensor:
        """``A^+ y = V s^+ U^H y``; singular values below 1e-10 (float32: 1e-6) of the largest are 0."""
        return self.from_input_basis(self._inverse_values() * self.to_output_basis(y))

    def gram_solve(self, y: Tensor, signal_variance: float, noise_variance: float) -> Tensor:
        """``(r2 A A^T + s2 I)^-1 y``; with ``s2 = 0`` the pseudo-inverse ``(A A^T)^+ y / r2``."""
        s = self.singular_values
        coefficients = self.to_output_basis(y)
        if noise_variance <= 0:
            return self.from_output_basis(self._inverse_values() ** 2 / signal_variance * coefficients)
        # Directions outside the range of A see the noise alone.
        change = 1 / (signal_variance * s**2 + noise_variance) - 1 / noise_variance
        return y / noise_variance + self.from_output_basis(change * coefficients)

    def prox(self, x: Tensor, y: Tensor, signal_variance: float, noise_variance: float) -> Tensor:
        """``x + r2 A^T (r2 A A^T + s2 I)^-1 (y - A x)``."""
        s = self.singular_values
        gain = signal_variance * s / (signal_variance * s**2 + noise_variance)
        return x + self.from_input_basis(gain * (self.to_output_basis(y) - s * self.to_input_basis(x)))

    def norm(self) -> float:
        """The largest singular value."""
        return float(self.singular_values.max())

    def _inverse_values(self) -> Tensor:
        s = self.singular_values
        kept = s > (1e-10 if s.dtype == torch.float64 else 1e-6) * s.max()
        return torch.where(kept, 1 / torch.where(kept, s, 1.0), 0.0)


@final
@attrs.frozen(eq=False)
class ProductSpectrum(Spectrum):
    """The product of spectra on disjoint axes: their transforms commute and their singular values multiply."""

    factors: tuple[Spectrum, ...]

    @property
    def axes(self) -> frozenset[str]:
        """The union of the factors' axes."""
        return frozenset[str]().union(*(factor.axes for factor in self.factors))

    @property
    def singular_values(self) -> Tensor:
        """The product over the factors."""
        product = self.factors[0].singular_values
        for factor in self.factors[1:]:
            product = product * factor.singular_values
        return product

    def to_input_basis(self, x: Tensor) -> Tensor:
        """Each factor's transform in turn; real transforms come before complex ones."""
        for factor in self.factors:
            x = factor.to_input_basis(x)
        return x

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """The inverse order of `to_input_basis`."""
        for factor in reversed(self.factors):
            coefficients = factor.from_input_basis(coefficients)
        return coefficients

    def to_output_basis(self, y: Tensor) -> Tensor:
        """Each factor's transform in turn."""
        for factor in self.factors:
            y = factor.to_output_basis(y)
        return y

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """The inverse order of `to_output_basis`."""
        for factor in reversed(self.factors):
            coefficients = factor.from_output_basis(coefficients)
        return coefficients

    def after(self, inner: Spectrum) -> Spectrum | None:
        """Merge factor by factor."""
        return compose(self, inner)


def compose(outer: Spectrum, inner: Spectrum) -> Spectrum | None:
    """The spectrum of ``outer @ inner``: factors on disjoint axes stand side by side, others must merge."""
    factors = list(inner.factors if isinstance(inner, ProductSpectrum) else (inner,))
    for factor in outer.factors if isinstance(outer, ProductSpectrum) else (outer,):
        sharing = [other for other in factors if other.axes & factor.axes]
        if not sharing:
            factors.append(factor)
            continue
        if len(sharing) > 1:
            return None
        merged = factor.after(sharing[0])
        if merged is None:
            return None
        factors[factors.index(sharing[0])] = merged
    # A Fourier transform turns real tensors complex: real transforms, on time and channels, go first.
    factors.sort(key=lambda factor: bool(factor.axes & {"h", "w"}))
    return factors[0] if len(factors) == 1 else ProductSpectrum(tuple(factors))
