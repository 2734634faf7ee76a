"""Laws of what samplers ask of a `LinearOperator`: inverses, proximal maps, norms, spectra. All in float64."""

from collections.abc import Callable
from functools import partial
from typing import Final

import torch
from torch import Tensor

from invsolve.errors import RunFailed
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.testing.case import Case
from invsolve.testing.law import NotApplicable, require
from invsolve.testing.laws.gap import dot, relative_gap
from invsolve.testing.laws.linear import dense
from invsolve.video.space import AXES

VARIANCES: Final = ((1.0, 1e-2), (0.25, 1.0), (1.0, 1e-4))  # (signal, noise)
CLOSED_FORM: Final = 1e-9  # relative residual of a closed form
ITERATED: Final = 1e-7  # relative residual of conjugate gradients
CEILING: Final = 1e-3  # no condition number excuses more


def penrose(operator: LinearOperator, case: Case) -> None:
    """``A A+ A = A``, ``A+ A A+ = A+``, and ``A A+`` and ``A+ A`` are symmetric."""
    case = case.at(dtype="float64")
    a, plus = operator.forward, operator.pseudo_inverse
    x, x2 = case.normal(1), case.normal(2)
    ax, ax2 = a(x), a(x2)
    y, y2 = (case.normal_like(tuple(ax.shape), stream) for stream in (3, 4))
    solved = _iterated(partial(plus, torch.cat((y, y2, ax, ax2))))
    plus_y, plus_y2, plus_ax, plus_ax2 = torch.split(solved, case.b)
    plus_a_plus_y = _iterated(partial(plus, a(plus_y)))
    tolerance = _tolerance(operator, case, float(plus_y.norm() / y.norm()))
    gap = relative_gap(a(plus_ax), ax)
    require(gap < tolerance, f"A A+ A x differs from A x by {gap:.3g} (relative).")
    gap = relative_gap(plus_a_plus_y, plus_y)
    require(gap < tolerance, f"A+ A A+ y differs from A+ y by {gap:.3g} (relative).")
    gap = abs(dot(a(plus_y), y2) - dot(y, a(plus_y2))) / float(y.norm() * y2.norm())
    require(gap < tolerance, f"A A+ is not symmetric, by {gap:.3g} (relative).")
    gap = abs(dot(plus_ax, x2) - dot(x, plus_ax2)) / float(x.norm() * x2.norm())
    require(gap < tolerance, f"A+ A is not symmetric, by {gap:.3g} (relative).")


def gram_solve(operator: LinearOperator, case: Case) -> None:
    """``(r2 A A^T + s2 I) gram_solve(y, r2, s2) = y``, and ``gram_solve(y, 0, s2) = y / s2``."""
    case = case.at(dtype="float64")
    y = case.normal_of(operator.output_space(case.space), 1)
    for signal, noise in VARIANCES:
        solved = _iterated(partial(operator.gram_solve, y, signal, noise))
        back = signal * operator.forward(operator.adjoint(solved)) + noise * solved
        gap = relative_gap(back, y)
        require(
            gap < _residual(operator, case), f"with r2 = {signal}, s2 = {noise} the residual is {gap:.3g} (relative)."
        )
    gap = relative_gap(operator.gram_solve(y, 0.0, 0.5), 2 * y)
    require(gap < CLOSED_FORM, f"with r2 = 0, s2 = 0.5 it is not 2 y, by {gap:.3g} (relative).")


def gram_solve_without_noise(operator: LinearOperator, case: Case) -> None:
    """With ``s2 = 0`` the Gram solve is ``(A A^T)+ y / r2``: it inverts ``r2 A A^T`` on the range of ``A``."""
    case = case.at(dtype="float64")
    y = operator.forward(case.normal(1))
    solved = _iterated(partial(operator.gram_solve, y, 2.0, 0.0))
    seen = float(operator.adjoint(solved).norm() / y.norm().clamp_min(1e-300))
    gap = relative_gap(2 * operator.forward(operator.adjoint(solved)), y)
    tolerance = _tolerance(operator, case, seen)
    require(gap < tolerance, f"for y = A x, r2 A A^T gram_solve(y, r2, 0) differs from y by {gap:.3g} (relative).")


def prox_is_optimal(operator: LinearOperator, case: Case) -> None:
    """``u = prox(x, y, r2, s2)`` solves ``A^T (A u - y) / s2 + (u - x) / r2 = 0``."""
    case = case.at(dtype="float64")
    x = case.normal(1)
    y = case.normal_of(operator.output_space(case.space), 2)
    for signal, noise in VARIANCES:
        u = _iterated(partial(operator.prox, x, y, signal, noise))
        slope = operator.adjoint(operator.forward(u) - y) / noise + (u - x) / signal
        start = operator.adjoint(operator.forward(x) - y) / noise
        gap = float(slope.norm() / start.norm().clamp_min(1e-300))
        require(
            gap < _residual(operator, case),
            f"with r2 = {signal}, s2 = {noise} the slope at u is {gap:.3g} of the slope at x.",
        )


def norm_is_largest_singular_value(operator: LinearOperator, case: Case) -> None:
    """``||A x|| <= norm ||x||`` for every ``x``, and no smaller number would do."""
    case = case.at(dtype="float64", b=1)
    norm = operator.norm(case.space)
    x = case.normal(1)
    for _ in range(30):  # power iteration turns x towards the worst direction
        grown = float(operator.forward(x).norm() / x.norm().clamp_min(1e-300))
        require(grown <= norm * (1 + 1e-6), f"norm is {norm:.8g}, but ||A x|| / ||x|| = {grown:.8g} for some x.")
        x = operator.adjoint(operator.forward(x))
        if not bool(x.any()):
            return
        x = x / x.norm()
    largest = float(torch.linalg.matrix_norm(dense(operator, case.space), ord=2))
    require(norm <= largest * (1 + 1e-6), f"norm is {norm:.8g}, the largest singular value only {largest:.8g}.")
    require(norm >= largest * 0.98, f"norm is {norm:.8g}, the largest singular value {largest:.8g}.")


def spectrum_rebuilds_the_operator(operator: LinearOperator, case: Case) -> None:
    """A spectrum, where there is one, gives ``A = U diag(s) V^H``, acts on its declared axes only, and ``s >= 0``."""
    case = case.at(dtype="float64")
    x = case.normal(1)
    spectrum = operator.spectrum(case.space, x.dtype, x.device)
    if spectrum is None:
        raise NotApplicable("it has no spectrum")
    ax = operator.forward(x)
    y = case.normal_like(tuple(ax.shape), 2)
    s = spectrum.singular_values
    require(not s.is_complex() and bool((s >= 0).all()), "a singular value is negative or complex.")
    require(s.dtype == x.dtype, f"singular values are {s.dtype} for inputs of {x.dtype}.")
    pairs = (
        ("U s V^H x", spectrum.from_output_basis(s * spectrum.to_input_basis(x)), "A x", ax),
        ("V s U^H y", spectrum.from_input_basis(s * spectrum.to_output_basis(y)), "A^T y", operator.adjoint(y)),
    )
    for left, found, right, expected in pairs:
        gap = relative_gap(found, expected)
        require(gap < 1e-10, f"{left} differs from {right} by {gap:.3g} (relative).")
    _is_projector(spectrum, x, case.normal(3), "V")
    _acts_on_its_axes(operator, spectrum, x, ax)


def _is_projector(spectrum: Spectrum, x: Tensor, x2: Tensor, name: str) -> None:
    def project(v: Tensor) -> Tensor:
        return spectrum.from_input_basis(spectrum.to_input_basis(v))

    once = project(x)
    size = float(x.norm() * x2.norm())
    gap = float((project(once) - once).norm() / x.norm())
    require(gap < 1e-10, f"{name} {name}^H applied twice differs from once by {gap:.3g} (relative).")
    gap = abs(dot(once, x2) - dot(x, project(x2))) / size
    require(gap < 1e-10, f"{name} {name}^H is not symmetric, by {gap:.3g} (relative): its columns are not orthonormal.")


def _acts_on_its_axes(operator: LinearOperator, spectrum: Spectrum, x: Tensor, ax: Tensor) -> None:
    for position, axis in enumerate("cthw"):
        if axis not in spectrum.axes:
            name = AXES[position]
            require(
                ax.shape[position + 1] == x.shape[position + 1],
                f"it changes the number of {name}, which its spectrum does not list among its axes.",
            )
            gap = relative_gap(operator.forward(x.flip(position + 1)), ax.flip(position + 1))
            require(gap < 1e-10, f"it acts along {name}, which its spectrum does not list among its axes.")


def _tolerance(operator: LinearOperator, case: Case, growth: float) -> float:
    """The rounding error of a pseudo-inverse that enlarges vectors by `growth`."""
    condition = _size(operator, case) * growth
    if operator.spectrum(case.space, torch.float64, torch.device("cpu")) is not None:
        return min(CLOSED_FORM + 1e-12 * condition, CEILING)
    return min(ITERATED + 1e-11 * condition**2, CEILING)


def _size(operator: LinearOperator, case: Case) -> float:
    """A few power iterations towards the largest singular value."""
    x = case.at(b=1).normal(1)
    for _ in range(5):
        x = operator.adjoint(operator.forward(x / x.norm().clamp_min(1e-300)))
    return float(x.norm().sqrt())


def _residual(operator: LinearOperator, case: Case) -> float:
    closed = operator.spectrum(case.space, torch.float64, torch.device("cpu")) is not None
    return CLOSED_FORM if closed else ITERATED


def _iterated(solve: Callable[[], Tensor]) -> Tensor:
    """The solution; where conjugate gradients refuse an ill-conditioned system, the law has nothing to judge."""
    try:
        return solve()
    except RunFailed as refused:
        raise NotApplicable(str(refused)) from refused
