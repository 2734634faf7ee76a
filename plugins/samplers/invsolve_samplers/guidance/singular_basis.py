"""`SingularBasis`: the observation of each singular component of the operator, in units of the latent."""

from typing import final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.operator.spectrum import Spectrum
from invsolve.problem import Problem

NEGLIGIBLE = 1e-6  # singular values below this fraction of the largest count as 0


@final
@attrs.frozen(eq=False)
class SingularBasis:
    """Component ``i`` of ``z0`` is observed as ``ybar_i = z0_i + sigma_i n``, ``sigma_i = std / (gain s_i)``.

    Attributes:
        spectrum: of the operator.
        gain: of a decoder that scales and shifts.
        observed: True for the components with ``s_i > 0``.
        noise: ``sigma_i`` there, 0 elsewhere.
    """

    spectrum: Spectrum
    gain: float
    observed: Tensor
    noise: Tensor

    @classmethod
    def of(cls, problem: Problem, who: str) -> "SingularBasis":
        """The basis of a problem's operator.

        Raises:
            CapabilityError: where there is no closed form, or the latent is not a scaled video.
        """
        y = problem.observation
        spectrum = problem.linear.spectrum(problem.space, y.dtype, y.device)
        if spectrum is None:
            raise CapabilityError(
                f"{who} works on the singular values of the operator, and {problem.operator} has no closed form for "
                "them; use diffpir or ddnm."
            )
        if problem.latent_shape != problem.space.shape:
            raise CapabilityError(
                f"{who} is not defined for latent priors (latents of c t h w {problem.latent_shape} for videos of "
                f"{problem.space.shape}); use ddnm or diffpir."
            )
        s = spectrum.singular_values
        observed = s > NEGLIGIBLE * s.max()
        gain = problem.decoder_gain
        noise = torch.where(observed, problem.noise_std / (gain * torch.where(observed, s, 1.0)), 0.0)
        return cls(spectrum, gain, observed, noise)

    def innovation(self, residual: Tensor) -> Tensor:
        """``ybar_i - z0_i`` for the observed components, 0 for the others."""
        s = torch.where(self.observed, self.spectrum.singular_values, 1.0)
        return torch.where(self.observed, self.spectrum.to_output_basis(residual) / (self.gain * s), 0.0)

    def replace(self, base: Tensor, components: Tensor) -> Tensor:
        """`base` with its observed components replaced by `components`."""
        change = torch.where(self.observed, components - self.spectrum.to_input_basis(base), 0.0)
        return base + self.spectrum.from_input_basis(change)
