"""Abstract `Operator` and `LinearOperator`: how an observation came about."""

import abc
from typing import Final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError, SpaceError
from invsolve.operator.conjugate_gradients import conjugate_gradients
from invsolve.operator.norms import inner
from invsolve.operator.spectrum import Spectrum
from invsolve.parts import Part
from invsolve.validators import check_type
from invsolve.video.space import VideoSpace

POWER_ITERATIONS: Final = 200  # for the norm of an operator without a spectrum


class Operator(Part):
    """A degradation ``x -> A(x)`` of videos ``b c t h w``: deterministic, and each batch item on its own.

    A component implements `forward`. `output_space` and `input_space` have defaults (they probe `forward`); a final
    class replaces them where it knows better: when it changes the frame rate or the transfer, or needs a given size.
    """

    @abc.abstractmethod
    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """``y = A(x)``, in the dtype and on the device of `x`, which is left unchanged.

        Raises:
            SpaceError: for an `x` whose sizes the operator does not accept.
        """

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The space of ``A(x)`` for ``x`` in `space`; raises `SpaceError` where ``A`` does not accept it."""
        try:
            probed = self.forward(torch.zeros(1, *space.shape))
        except (RuntimeError, IndexError, ValueError) as error:
            raise SpaceError(f"{self} does not accept a video of c t h w = {space.shape}: {error}") from error
        _, c, t, h, w = probed.shape
        return attrs.evolve(space, channels=c, frames=t, height=h, width=w)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The smallest space whose output is `observed`; raises `SpaceError` where there is none."""
        return observed

    @property
    def made_up(self) -> str:
        """What this operator states of an observation without knowing it, as a clause: ``"a shake drawn at random"``.

        A run on an observation that is not simulated says so. Empty for most operators.
        """
        return ""

    def __call__(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """``A(x)``, with a check of its input that `forward` does without.

        Raises:
            ComponentError: for anything but a tensor of floating point numbers.
            SpaceError: for wrong axes or sizes.
        """
        check_type("the video", x, Tensor)
        if x.ndim != 5:
            raise SpaceError(f"a video tensor has the five axes b c t h w, got shape {tuple(x.shape)}.")
        if not x.is_floating_point():
            raise ComponentError(f"a video holds floating point values in [0, 1], got {x.dtype}; scale and convert it.")
        return self.forward(x)

    def __matmul__(self, inner: "Operator") -> "Operator":
        """``(A @ B)(x) = A(B(x))``; linear where both are."""
        from invsolve.operator.pipeline import pipeline

        return pipeline(inner, self)


class LinearOperator(Operator):
    """An `Operator` with ``<A x, y> = <x, A^T y>``.

    A component implements `forward` and `adjoint`; with a `spectrum` as well, everything below is closed form.
    Without one, conjugate gradients and power iteration stand in, to the precision of the dtype.
    """

    @abc.abstractmethod
    def adjoint(self, y: Float[Tensor, "b c2 t2 h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """``x = A^T y``, the exact transpose of `forward`; raises `SpaceError` for a `y` that no input gives."""

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """The singular value decomposition for inputs in `space`, or None where there is no closed form.

        Its tensors have `dtype` (or its complex counterpart) and are on `device`.

        Raises:
            SpaceError: as `output_space` does.
        """
        return None

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The space of ``A^T y`` for ``y`` in `observed`; raises `SpaceError` where there is none."""
        try:
            probed = self.adjoint(torch.zeros(1, *observed.shape))
        except (RuntimeError, IndexError, ValueError) as error:
            raise SpaceError(
                f"{self} has no input for an observation of c t h w = {observed.shape}: {error}"
            ) from error
        _, c, t, h, w = probed.shape
        return attrs.evolve(observed, channels=c, frames=t, height=h, width=w)

    def __rmul__(self, factor: int | float) -> "LinearOperator":
        """``(2 * A)(x) = 2 A(x)``."""
        from invsolve.operator.pipeline import LinearPipeline, Scaled

        return LinearPipeline(
            (*(self.operators if isinstance(self, LinearPipeline) else (self,)), Scaled(float(factor)))
        )

    def gram(
        self, y: Float[Tensor, "b c2 t2 h2 w2"], signal_variance: float, noise_variance: float
    ) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """``(r2 A A^T + s2 I) y`` with ``r2 = signal_variance``, ``s2 = noise_variance``."""
        return signal_variance * self.forward(self.adjoint(y)) + noise_variance * y

    def pseudo_inverse(self, y: Float[Tensor, "b c2 t2 h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """``A^+ y``: the smallest ``x`` among those that come closest to ``A x = y``.

        Raises:
            RunFailed: where conjugate gradients do not converge.
        """
        spectrum = self._spectrum_for_output(y)
        if spectrum is not None:
            return spectrum.pseudo_inverse(y)
        return conjugate_gradients(lambda x: self.adjoint(self.forward(x)), self.adjoint(y))

    def gram_solve(
        self, y: Float[Tensor, "b c2 t2 h2 w2"], signal_variance: float, noise_variance: float
    ) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """``(r2 A A^T + s2 I)^-1 y`` with ``r2 = signal_variance >= 0``, ``s2 = noise_variance >= 0``, not both 0.

        With ``s2 = 0`` it is ``(A A^T)^+ y / r2``.

        Raises:
            RunFailed: where conjugate gradients do not converge.
        """
        spectrum = self._spectrum_for_output(y)
        if spectrum is not None:
            return spectrum.gram_solve(y, signal_variance, noise_variance)
        # Without noise the Gram matrix may be singular: only the part of y in its range has a preimage.
        right = y if noise_variance > 0 else self.forward(self.pseudo_inverse(y))
        return conjugate_gradients(lambda v: self.gram(v, signal_variance, noise_variance), right)

    def prox(
        self,
        x: Float[Tensor, "b c t h w"],
        y: Float[Tensor, "b c2 t2 h2 w2"],
        signal_variance: float,
        noise_variance: float,
    ) -> Float[Tensor, "b c t h w"]:
        """``argmin_u ||y - A u||^2 / (2 s2) + ||u - x||^2 / (2 r2)``, ``r2 > 0`` and ``s2 > 0``.

        Raises:
            RunFailed: where conjugate gradients do not converge.
        """
        spectrum = self.spectrum(VideoSpace.of(x), x.dtype, x.device)
        if spectrum is not None:
            return spectrum.prox(x, y, signal_variance, noise_variance)
        solved = self.gram_solve(y - self.forward(x), signal_variance, noise_variance)
        return x + signal_variance * self.adjoint(solved)

    def norm(self, space: VideoSpace) -> float:
        """The largest singular value for inputs in `space` (power iteration where there is no spectrum)."""
        spectrum = self.spectrum(space, torch.float64, torch.device("cpu"))
        if spectrum is not None:
            return spectrum.norm()
        x = torch.randn(1, *space.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        square = torch.zeros(())
        for _ in range(POWER_ITERATIONS):
            x = x / inner(x, x).sqrt().clamp_min(torch.finfo(x.dtype).tiny)
            x = self.adjoint(self.forward(x))
            square = inner(x, x).sqrt()
        return float(square.sqrt())

    def _spectrum_for_output(self, y: Tensor) -> Spectrum | None:
        return self.spectrum(self.input_space(VideoSpace.of(y)), y.dtype, y.device)
