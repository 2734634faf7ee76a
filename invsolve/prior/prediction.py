"""`Prediction`: clean latent and noise, estimated from a noisy latent in any parameterisation."""

from typing import Literal, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.conditional import Conditional
from invsolve.prior.contrast import Contrast
from invsolve.schedule import NoiseLevel
from invsolve.video.axes import Latent

Parameterisation = Literal["eps", "v", "clean", "flow", "reverse_flow"]
NoiseEstimate = Literal["original", "consistent"]  # kept, or moved along with the clean estimate


@final
@attrs.frozen(eq=False)
class Prediction:
    """The clean estimate ``z0`` and the noise estimate ``eps`` with ``z = a z0 + s eps``.

    Attributes:
        z0: in the shape of ``z``, ``b zc zt zh zw``.
        eps: in the shape of ``z``, ``b zc zt zh zw``.
        conditional: where present, the law of which ``z0`` is the mean; kernels that are exact draw from it.
        variance_fraction: where present, the step's variance as a learned-variance network predicts it, elementwise
            from 0 (the smallest, ``btilde``) to 1 (the largest, ``beta``), on a logarithmic scale.
        contrast: where present, how a prior guided by a condition differs from the same without it.
        memory: where present, what a recurrent prior wants to be handed at the next step.

    References:
        Conversions in the notation of Salimans and Ho 2022, section 4, and appendix D (v-prediction).
    """

    z0: Tensor
    eps: Tensor
    conditional: Conditional | None = None
    variance_fraction: Tensor | None = None
    contrast: Contrast | None = None
    memory: Tensor | None = None

    @property
    def likelihood_point(self) -> Latent:
        """The clean estimate at which the likelihood's gradient is taken: ``z0`` or the prior's own choice."""
        if self.contrast is None or self.contrast.likelihood_point is None:
            return self.z0
        return self.contrast.likelihood_point

    def start(self, z: Latent) -> Latent:
        """The latent that a kernel steps from: `z` or the prior's own choice."""
        return z if self.contrast is None or self.contrast.start is None else self.contrast.start

    @classmethod
    def from_output(
        cls, z: Latent, output: Latent, parameterisation: Parameterisation, level: NoiseLevel
    ) -> "Prediction":
        """From a network's output: ``eps``, ``v``, ``clean`` (``z0``), ``flow`` (``z1 - z0``) or ``reverse_flow``.

        Raises:
            CapabilityError: as the conversion of each does.
        """
        match parameterisation:
            case "eps":
                return cls.from_eps(z, output, level)
            case "v":
                return cls.from_v(z, output, level)
            case "clean":
                return cls.from_clean(z, output, level)
            case "flow":
                return cls.from_flow(z, output, level)
            case "reverse_flow":
                return cls.from_flow(z, -output, level)

    @classmethod
    def from_eps(cls, z: Latent, eps: Latent, level: NoiseLevel) -> "Prediction":
        """From noise: ``z0 = (z - s eps) / a``.

        Raises:
            CapabilityError: where ``a = 0``.
        """
        if level.a == 0:
            raise CapabilityError(
                "a noise prediction at a = 0 (zero terminal SNR) holds no clean estimate; use a prior that predicts v, "
                "or a schedule without zero_terminal_snr."
            )
        return cls(torch.sub(z, eps, alpha=level.s) / level.a, eps)

    @classmethod
    def from_clean(cls, z: Latent, z0: Latent, level: NoiseLevel) -> "Prediction":
        """From the clean estimate: ``eps = (z - a z0) / s``.

        Raises:
            CapabilityError: where ``s = 0``.
        """
        if level.s == 0:
            raise CapabilityError("a clean latent (s = 0) needs no prediction: stop at the last noisy level.")
        return cls(z0, (z - level.a * z0) / level.s)

    @classmethod
    def from_v(cls, z: Latent, v: Latent, level: NoiseLevel) -> "Prediction":
        """From ``v = a eps - s z0`` with ``a^2 + s^2 = 1``: ``z0 = a z - s v``, ``eps = s z + a v``.

        Safe at ``a = 0``.
        """
        return cls(
            torch.sub(level.a * z, v, alpha=level.s),
            torch.add(level.s * z, v, alpha=level.a),
        )

    @classmethod
    def from_flow(cls, z: Latent, velocity: Latent, level: NoiseLevel) -> "Prediction":
        """From ``u = z1 - z0`` with ``a = 1 - t``, ``s = t``: ``z0 = z - s u``, ``eps = z + a u``."""
        return cls(torch.sub(z, velocity, alpha=level.s), torch.add(z, velocity, alpha=level.a))

    @classmethod
    def from_score(cls, z: Latent, score: Latent, level: NoiseLevel) -> "Prediction":
        """From ``grad log p_t(z)``: ``eps = -s score``."""
        return cls.from_eps(z, -level.s * score, level)

    def with_score(self, gradient: Latent, level: NoiseLevel) -> "Prediction":
        """Add a likelihood score: ``z0 + (s^2 / a) g``, ``eps - s g``; unchanged where ``a = 0`` (a 0/0 limit)."""
        if level.a == 0:
            return self
        return self._moved(
            torch.add(self.z0, gradient, alpha=level.s**2 / level.a), torch.sub(self.eps, gradient, alpha=level.s)
        )

    def with_clean(self, z0: Latent, level: NoiseLevel, eps: NoiseEstimate = "consistent") -> "Prediction":
        """Replace the clean estimate.

        ``consistent`` moves the noise estimate along, ``eps' = (z - a z0') / s``; ``original`` keeps it.
        """
        if eps == "original":
            return self._moved(z0, self.eps)
        return self._moved(z0, self.eps + (level.a / level.s) * (self.z0 - z0))

    def detach(self) -> "Prediction":
        """Without a graph, and without the conditional law."""
        fraction = None if self.variance_fraction is None else self.variance_fraction.detach()
        contrast = None if self.contrast is None else self.contrast.detach()
        memory = None if self.memory is None else self.memory.detach()
        return Prediction(self.z0.detach(), self.eps.detach(), None, fraction, contrast, memory)

    def _moved(self, z0: Tensor, eps: Tensor) -> "Prediction":
        # The conditional law is that of the old z0; the step's variance still holds.
        return Prediction(z0, eps, None, self.variance_fraction, self.contrast, self.memory)
