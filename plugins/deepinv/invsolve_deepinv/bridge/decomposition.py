"""`Decomposition`: the singular value decomposition that a physics of deepinv brings along."""

from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.operator.spectrum import Spectrum
from invsolve_deepinv.bridge.held import FAILURES, HeldPhysics
from invsolve_deepinv.bridge.packing import Packing, Shape, enter, leave
from invsolve_deepinv.library import library

EXACT: Final = {torch.float64: 1e-10, torch.float32: 1e-6}
"""How exact a decomposition must be, relative, for work in each precision: deepinv keeps some bases in float32."""


@final
@attrs.frozen(eq=False)
class Decomposition(Spectrum):
    """``A = U diag(mask) V^H`` of a ``DecomposablePhysics``; signs and phases of the mask go into ``U``.

    Attributes:
        physics: deepinv's, in the precision of the tensors.
        measured: how its measurements lie in a tensor.
        coefficients: how its coefficients do.
        values: ``|mask|``, as coefficients of one item.
        phase: ``mask / |mask|``, as deepinv's coefficients; 1 where the mask is 0.
    """

    physics: Any
    measured: Packing
    coefficients: Packing
    values: Tensor
    phase: Tensor

    @property
    def axes(self) -> frozenset[str]:
        """All that deepinv sees at once."""
        return frozenset("chw") if self.measured.layout == "frames" else frozenset("cthw")

    @property
    def singular_values(self) -> Tensor:
        """``|mask|``."""
        return self.values

    def to_input_basis(self, x: Tensor) -> Tensor:
        """``V^H x``."""
        return self.coefficients.pack(self.physics.V_adjoint(enter(x, self.measured.layout)), len(x))

    def from_input_basis(self, coefficients: Tensor) -> Tensor:
        """``V coefficients``."""
        return leave(self.physics.V(self.coefficients.unpack(coefficients)), self.measured.layout, len(coefficients))

    def to_output_basis(self, y: Tensor) -> Tensor:
        """``U^H y``."""
        return self.coefficients.pack(self.phase.conj() * self.physics.U_adjoint(self.measured.unpack(y)), len(y))

    def from_output_basis(self, coefficients: Tensor) -> Tensor:
        """``U coefficients``."""
        measured = self.physics.U(self.phase * self.coefficients.unpack(coefficients))
        return self.measured.pack(measured, len(coefficients))

    def after(self, inner: Spectrum) -> Spectrum | None:
        """None: what deepinv decomposes it decomposes alone."""
        return None


def decomposition(held: HeldPhysics, item: Shape, dtype: torch.dtype, device: torch.device) -> Decomposition | None:
    """The decomposition for items of this shape, or None where deepinv has none, or one that does not hold.

    It is tried once in float64: ``U s V^H x = A x``, ``V V^H`` is an orthogonal projection, ``U^H U`` leaves alone what
    is seen.
    """
    if not isinstance(held.physics, library().physics.DecomposablePhysics):
        return None
    answer = held.answer(item)
    if answer.complex_input or not answer.own_adjoint:
        return None
    try:
        tried = _made(held, item, answer.packing, torch.float64, torch.device("cpu"))
        if _error(tried, held, item) > EXACT[dtype]:
            return None
        return _made(held, item, answer.packing, dtype, device)
    except FAILURES:
        return None


def _made(held: HeldPhysics, item: Shape, measured: Packing, dtype: torch.dtype, device: torch.device) -> Decomposition:
    physics = held.at(dtype, device)
    zeros = physics.V_adjoint(torch.zeros(1, *item, dtype=dtype, device=device))
    real = attrs.evolve(Packing.of(zeros, held.layout), complex_=False)
    mask = torch.as_tensor(physics.mask, device=device).expand(zeros.shape)
    size = mask.abs().to(dtype)
    phase = torch.where(size > 0, mask / torch.where(size > 0, size, 1.0), 1.0)
    return Decomposition(physics, measured, real, real.pack(size, 1), phase)


def _error(spectrum: Decomposition, held: HeldPhysics, item: Shape) -> float:
    generator = torch.Generator().manual_seed(0)
    shape = (item[0], 1, *item[1:]) if held.layout == "frames" else item
    x = torch.randn(1, *shape, dtype=torch.float64, generator=generator)
    other = torch.randn(1, *shape, dtype=torch.float64, generator=generator)
    y = spectrum.measured.pack(held.measure(enter(x, held.layout)), 1)
    s = spectrum.singular_values
    seen = s * spectrum.to_input_basis(x)
    once = spectrum.from_input_basis(spectrum.to_input_basis(x))
    twice = spectrum.from_input_basis(spectrum.to_input_basis(once))
    others = spectrum.from_input_basis(spectrum.to_input_basis(other))
    skew = ((once * other).sum() - (x * others).sum()).abs() / (x.norm() * other.norm())
    back = spectrum.to_output_basis(spectrum.from_output_basis(seen))
    gaps = (_gap(spectrum.from_output_basis(seen), y), _gap(twice, once), skew, _gap(s * back, s * seen))
    return float(torch.stack(gaps).max())


def _gap(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().square().sum().sqrt() / b.abs().square().sum().sqrt().clamp_min(1e-300)
