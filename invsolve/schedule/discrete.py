"""`DiscreteSchedule`: a table of noise levels, as DDPM and its descendants have."""

import math
from typing import Literal, final

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.schedule.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.schedule.spacing import karras_sigmas
from invsolve.validators import number, whole


@final
@attrs.frozen
class DiscreteSchedule(Schedule):
    """Variance preserving, ``timesteps`` levels: ``a_t = sqrt(abar_t)``, ``s_t = sqrt(1 - abar_t)``.

    ``abar_t = prod_{k<=t} (1 - beta_k)`` with ``beta`` linear from `beta_start` to `beta_end`, or linear in its square
    root (``scaled_linear``). Then ``abar <- abar / (k + (1 - k) abar)`` divides the signal-to-noise ratio by
    ``k = snr_shift``, and `zero_terminal_snr` shifts and scales ``sqrt(abar)`` so that the last level is pure noise,
    in this order.

    Fields: ``betas`` (``linear`` or ``scaled_linear``), ``beta_start``, ``beta_end`` in (0, 1), ``timesteps`` >= 1,
    ``snr_shift`` > 0, ``zero_terminal_snr``.

    **Source:** Ho, Jain and Abbeel 2020, section 4; Lin, Liu, Li and Yang 2024, algorithm 1 (zero terminal SNR).

    ```python
    DiscreteSchedule(betas="scaled_linear", beta_start=0.00085, beta_end=0.012, snr_shift=3.0, zero_terminal_snr=True)
    ```
    ```yaml
    schedule: {use: discrete, betas: linear, beta_start: 1e-4, beta_end: 0.02, timesteps: 1000}
    ```
    """

    betas: Literal["linear", "scaled_linear"] = "linear"
    beta_start: float = attrs.field(default=1e-4, validator=number(above=0.0))
    beta_end: float = attrs.field(default=0.02, validator=[number(above=0.0), number(below=1.0)])
    timesteps: int = attrs.field(default=1000, validator=whole(least=1))
    snr_shift: float = attrs.field(default=1.0, validator=number(above=0.0))
    zero_terminal_snr: bool = False

    @property
    def alphas_cumprod(self) -> NDArray[np.float64]:
        """``abar_t`` for ``t = 0 .. timesteps - 1`` in float64."""
        if self.betas == "linear":
            betas = np.linspace(self.beta_start, self.beta_end, self.timesteps)
        else:
            betas = np.linspace(math.sqrt(self.beta_start), math.sqrt(self.beta_end), self.timesteps) ** 2
        abar = np.cumprod(1 - betas)
        abar = abar / (self.snr_shift + (1 - self.snr_shift) * abar)
        if self.zero_terminal_snr:
            root = np.sqrt(abar)
            root = (root - root[-1]) * root[0] / (root[0] - root[-1])
            abar = root**2
        return np.asarray(abar, dtype=np.float64)

    def at(self, time: float) -> NoiseLevel:
        """The level of timestep ``time`` (an integer from 0)."""
        abar = self.alphas_cumprod[round(time)]
        return NoiseLevel(a=math.sqrt(abar), s=math.sqrt(1 - abar), time=float(round(time)))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels at a subset of the timesteps; the last transition always goes to ``abar = 1``."""
        if not 1 <= steps <= self.timesteps:
            raise ComponentError(f"steps must lie in 1..{self.timesteps} (the schedule's timesteps), got {steps}.")
        abar = self.alphas_cumprod
        chosen = self._timesteps(steps, spacing, abar)
        return (*(NoiseLevel(math.sqrt(abar[t]), math.sqrt(1 - abar[t]), float(t)) for t in chosen), CLEAN)

    def _timesteps(self, steps: int, spacing: Spacing, abar: NDArray[np.float64]) -> list[int]:
        last = self.timesteps - 1
        match spacing:
            case "trailing":
                grid = np.round(np.arange(steps, 0, -1) * self.timesteps / steps) - 1
            case "leading":
                grid = np.arange(steps - 1.0, -1.0, -1.0) * (self.timesteps // steps)
            case "linspace":
                grid = np.round(np.linspace(last, 0, steps)) if steps > 1 else np.array([last])
            case "quadratic":
                grid = np.round(np.linspace(math.sqrt(last), 0, steps) ** 2) if steps > 1 else np.array([last])
            case "karras":
                logs = np.log((1 - abar) / np.maximum(abar, 1e-8)) / 2
                sigmas = karras_sigmas(steps, math.exp(logs[-1]), math.exp(logs[0]))
                grid = np.round(np.interp(np.log(sigmas), logs, np.arange(self.timesteps)))
        # Rounded grids crowd at their ends: keep the timesteps distinct, pushing up, then down from the last one.
        ascending = [int(t) for t in grid[::-1]]
        for i in range(1, steps):
            ascending[i] = max(ascending[i], ascending[i - 1] + 1)
        ascending[-1] = min(ascending[-1], last)
        for i in range(steps - 2, -1, -1):
            ascending[i] = min(ascending[i], ascending[i + 1] - 1)
        return ascending[::-1]
