"""Noise schedules: which levels ``z = a z0 + s eps`` a sampler walks through."""

import abc
import math
from typing import ClassVar, Literal, final

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.validators import number, whole

Spacing = Literal["trailing", "leading", "linspace", "quadratic", "karras"]
RHO = 7.0  # exponent of the polynomial spacing, Karras et al. 2022, eq. 5

positive = number(above=0.0)


@final
@attrs.frozen
class NoiseLevel:
    """One level of noise: ``z = a z0 + s eps`` with standard normal ``eps``.

    - ``a, s``: signal and noise scale, both at least 0.
    - ``time``: the model's own time at this level: a discrete timestep, a continuous time in [0, 1], or sigma.
    """

    a: float
    s: float
    time: float

    @property
    def sbar(self) -> float:
        """Noise relative to signal, ``s / a`` (infinite where ``a = 0``)."""
        return self.s / self.a if self.a > 0 else math.inf

    @property
    def start_std(self) -> float:
        """The std of ``z`` for latents of unit variance, ``sqrt(a^2 + s^2)``: what a sampler starts from."""
        return math.sqrt(self.a**2 + self.s**2)


CLEAN = NoiseLevel(a=1.0, s=0.0, time=0.0)


class Schedule(abc.ABC):
    """The family of noise levels that a prior was made for."""

    references: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def at(self, time: float) -> NoiseLevel:
        """The level at the model's time `time`."""

    @abc.abstractmethod
    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """``steps + 1`` levels from the noisiest down to the clean one (``a = 1, s = 0``, always explicit).

        Raises `ComponentError` for fewer than 1 step, more steps than the schedule has, or a spacing it does not know.
        """


def _fractions(steps: int, spacing: Spacing, *, open_end: float = 0.0) -> NDArray[np.float64]:
    """Descending fractions of the time axis, without the clean end."""
    if steps < 1:
        raise ComponentError(f"a sampler needs at least 1 step, got {steps}.")
    whole = np.arange(steps, 0, -1) / steps
    match spacing:
        case "trailing" | "linspace":
            return whole
        case "leading":
            return whole - 1 / steps + open_end
        case "quadratic":
            return whole**2
        case "karras":
            raise ComponentError("karras spacing divides sbar, not time; ask the schedule for it.")


def karras_sigmas(steps: int, largest: float, smallest: float) -> NDArray[np.float64]:
    """``( smax^(1/7) + i/(n-1) (smin^(1/7) - smax^(1/7)) )^7``: polynomial spacing of ``sbar``, descending.

    **Source:** Karras, Aittala, Aila and Laine 2022, eq. 5, with rho = 7.
    """
    if steps < 1:
        raise ComponentError(f"a sampler needs at least 1 step, got {steps}.")
    ramp = np.linspace(0.0, 1.0, steps)
    sigmas: NDArray[np.float64] = (largest ** (1 / RHO) + ramp * (smallest ** (1 / RHO) - largest ** (1 / RHO))) ** RHO
    return sigmas


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
    beta_start: float = attrs.field(default=1e-4, validator=positive)
    beta_end: float = attrs.field(default=0.02, validator=[positive, number(below=1.0)])
    timesteps: int = attrs.field(default=1000, validator=whole(least=1))
    snr_shift: float = attrs.field(default=1.0, validator=positive)
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


@final
@attrs.frozen
class VPSchedule(Schedule):
    """Variance preserving in continuous time: ``abar(t) = exp(-(bmin t + (bmax - bmin) t^2 / 2))``, ``t`` in [0, 1].

    Fields: ``beta_min`` > 0, ``beta_max`` > ``beta_min``.

    **Source:** Song et al. 2021, eq. 32 and 33.

    ```python
    VPSchedule(beta_min=0.1, beta_max=20.0)
    ```
    ```yaml
    schedule: {use: vp, beta_min: 0.1, beta_max: 20.0}
    ```
    """

    beta_min: float = attrs.field(default=0.1, validator=positive)
    beta_max: float = attrs.field(default=20.0, validator=positive)

    def at(self, time: float) -> NoiseLevel:
        """The level at ``t = time``."""
        exponent = self.beta_min * time + (self.beta_max - self.beta_min) * time**2 / 2
        return NoiseLevel(a=math.exp(-exponent / 2), s=math.sqrt(-math.expm1(-exponent)), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels from ``t = 1`` (``leading``: from ``1 - 1/steps``) down to 0."""
        if spacing == "karras":
            sigmas = karras_sigmas(steps, self.at(1.0).sbar, self.at(1e-3).sbar)
            times = [self._time_of(float(sigma)) for sigma in sigmas]
        else:
            times = [float(t) for t in _fractions(steps, spacing, open_end=1e-3)]
        return (*(self.at(t) for t in times), CLEAN)

    def _time_of(self, sbar: float) -> float:
        exponent = math.log1p(sbar**2)
        slope = self.beta_max - self.beta_min
        return (math.sqrt(self.beta_min**2 + 2 * slope * exponent) - self.beta_min) / slope


@final
@attrs.frozen
class EDMSchedule(Schedule):
    """Variance exploding: ``z = z0 + sigma eps``, ``sigma`` from `sigma_max` to `sigma_min`, then 0.

    Fields: ``sigma_min`` > 0, ``sigma_max`` > ``sigma_min``. Spacing ``karras`` is meant for it; ``trailing`` is the
    same here, ``linspace`` and ``quadratic`` divide the sigma axis itself.

    **Source:** Karras, Aittala, Aila and Laine 2022, table 1 and eq. 5.

    ```python
    EDMSchedule(sigma_min=0.002, sigma_max=80.0)
    ```
    ```yaml
    schedule: {use: edm, sigma_min: 0.002, sigma_max: 80.0}
    ```
    """

    sigma_min: float = attrs.field(default=0.002, validator=positive)
    sigma_max: float = attrs.field(default=80.0, validator=positive)

    def at(self, time: float) -> NoiseLevel:
        """The level of ``sigma = time``."""
        return NoiseLevel(a=1.0, s=float(time), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "karras") -> tuple[NoiseLevel, ...]:
        """Levels from ``sigma_max`` down to ``sigma_min``, then the clean one."""
        if spacing in ("karras", "trailing"):
            sigmas = karras_sigmas(steps, self.sigma_max, self.sigma_min)
        else:
            sigmas = np.maximum(self.sigma_max * _fractions(steps, spacing), self.sigma_min)
        return (*(self.at(float(sigma)) for sigma in sigmas), CLEAN)


@final
@attrs.frozen
class FlowSchedule(Schedule):
    """Rectified flow: ``z = (1 - t) z0 + t z1``, ``a = 1 - t``, ``s = t``, ``t`` in [0, 1].

    - ``shift``: positive; times become ``k t / (1 + (k - 1) t)``, more of them noisy for ``k > 1``.

    **Source:** Liu, Gong and Liu 2023, eq. 1; Esser et al. 2024, eq. 23 (the shift).

    ```python
    FlowSchedule(shift=3.0)
    ```
    ```yaml
    schedule: {use: flow, shift: 3.0}
    ```
    """

    shift: float = attrs.field(default=1.0, validator=positive)

    def at(self, time: float) -> NoiseLevel:
        """The level at the (already shifted) flow time."""
        return NoiseLevel(a=1.0 - time, s=float(time), time=float(time))

    def levels(self, steps: int, spacing: Spacing = "trailing") -> tuple[NoiseLevel, ...]:
        """Levels from ``t = 1`` down to 0, shifted."""
        if spacing == "karras":
            sigmas = karras_sigmas(steps, 1e3, 1e-3)
            times = sigmas / (1 + sigmas)
        else:
            fractions = _fractions(steps, spacing, open_end=1e-3)
            times = self.shift * fractions / (1 + (self.shift - 1) * fractions)
        return (*(self.at(float(t)) for t in times), CLEAN)
