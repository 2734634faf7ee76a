"""`DiscreteSchedule`: a table of noise levels, as DDPM and its descendants have."""

import math
from typing import Any, Final, Literal, final, get_args

import attrs
import numpy as np
from numpy.typing import NDArray

from invsolve.errors import ComponentError
from invsolve.schedule.schedule import CLEAN, NoiseLevel, Schedule, Spacing
from invsolve.schedule.spacing import karras_sigmas
from invsolve.validators import check_choice, number, whole

Betas = Literal["linear", "scaled_linear", "cosine"]

COSINE_OFFSET: Final = 0.008  # s in abar = cos^2((t/T + s) / (1 + s) pi/2): Nichol and Dhariwal 2021, section 3.2
MOST_BETA: Final = 0.999  # no step of the cosine schedule destroys more: ibid.
BETA_START: Final = 1e-4  # Ho, Jain and Abbeel 2020, section 4
BETA_END: Final = 0.02  # ibid.
TIMESTEPS: Final = 1000  # ibid.


def _table_or_word(given: Any) -> Any:
    if given is None or isinstance(given, str):
        return given
    try:
        table = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ComponentError(f"DiscreteSchedule.betas must be a word or numbers: {error}.") from None
    if table.ndim != 1 or table.size == 0:
        raise ComponentError(f"DiscreteSchedule.betas as a table must have one axis, got shape {table.shape}.")
    good = (table > 0) & (table < 1)
    good[-1] |= table[-1] == 1
    if not good.all():
        raise ComponentError(
            "DiscreteSchedule.betas as a table must hold numbers in (0, 1), of which the last may be 1, got "
            f"{table[~good][0]:g}."
        )
    return tuple(table.tolist())


def _known(_: Any, field: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, tuple):
        check_choice(f"DiscreteSchedule.{field.name}", value, get_args(Betas))


@final
@attrs.frozen
class DiscreteSchedule(Schedule):
    """Variance preserving, ``timesteps`` levels: ``a_t = sqrt(abar_t)``, ``s_t = sqrt(1 - abar_t)``.

    ``abar_t = prod_{k<=t} (1 - beta_k)``. Then ``abar <- abar / (k + (1 - k) abar)`` divides the signal-to-noise ratio
    by ``k = snr_shift``, and `zero_terminal_snr` shifts and scales ``sqrt(abar)`` so that the last level is pure noise,
    in this order.

    Attributes:
        betas: ``linear`` from `beta_start` to `beta_end`; ``scaled_linear``, linear in the square root; ``cosine``,
            ``abar_t = cos^2((t / T + 0.008) / 1.008 pi / 2)`` up to a factor, with no ``beta`` above 0.999; or a table
            of numbers in (0, 1), one per timestep.
        beta_start: in (0, 1), of the two linear forms; the others have none.
        beta_end: in (0, 1), of the two linear forms; the others have none.
        timesteps: number of levels ``T``, at least 1; a table has as many as it has entries.
        snr_shift: above 0; 1 leaves the levels as they are.
        zero_terminal_snr: whether the last level is pure noise.

    Raises:
        ComponentError: for values out of range, and for ``beta_start``, ``beta_end`` or ``timesteps`` that contradict
            ``betas``.

    References:
        Ho, Jain and Abbeel 2020, section 4; Nichol and Dhariwal 2021, eq. 17 (cosine); Lin, Liu, Li and Yang 2024,
        algorithm 1 (zero terminal SNR).

    Examples:
        ```python
        DiscreteSchedule(
            betas="scaled_linear", beta_start=0.00085, beta_end=0.012, snr_shift=3.0, zero_terminal_snr=True
        )
        ```

        ```yaml
        schedule: {use: discrete, betas: linear, beta_start: 1e-4, beta_end: 0.02, timesteps: 1000}
        ```
    """

    betas: Betas | tuple[float, ...] = attrs.field(default="linear", converter=_table_or_word, validator=_known)
    beta_start: float = attrs.field(default=BETA_START, validator=number(above=0.0))
    beta_end: float = attrs.field(default=BETA_END, validator=number(above=0.0, below=1.0))
    timesteps: int = attrs.field(default=TIMESTEPS, validator=whole(least=1))
    snr_shift: float = attrs.field(default=1.0, validator=number(above=0.0))
    zero_terminal_snr: bool = False

    def __attrs_post_init__(self) -> None:
        linear = self.betas in ("linear", "scaled_linear")
        for name, usual in (("beta_start", BETA_START), ("beta_end", BETA_END)):
            if not linear and getattr(self, name) != usual:
                betas = self.betas if isinstance(self.betas, str) else "tabulated"
                raise ComponentError(f"DiscreteSchedule.{name} has no effect on {betas} betas; leave it out.")
        if isinstance(self.betas, tuple):
            if self.timesteps not in (TIMESTEPS, len(self.betas)):
                raise ComponentError(
                    f"DiscreteSchedule.timesteps is {self.timesteps}, but betas has {len(self.betas)} entries; leave "
                    "timesteps out."
                )
            object.__setattr__(self, "timesteps", len(self.betas))

    @property
    def alphas_cumprod(self) -> NDArray[np.float64]:
        """``abar_t`` for ``t = 0 .. timesteps - 1`` in float64."""
        abar = np.cumprod(1 - self._beta())
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

    def _beta(self) -> NDArray[np.float64]:
        if isinstance(self.betas, tuple):
            return np.array(self.betas)
        if self.betas == "linear":
            return np.linspace(self.beta_start, self.beta_end, self.timesteps)
        if self.betas == "scaled_linear":
            return np.linspace(math.sqrt(self.beta_start), math.sqrt(self.beta_end), self.timesteps) ** 2
        times = np.arange(self.timesteps + 1) / self.timesteps
        abar = np.cos((times + COSINE_OFFSET) / (1 + COSINE_OFFSET) * math.pi / 2) ** 2
        return np.asarray(np.minimum(1 - abar[1:] / abar[:-1], MOST_BETA))

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
