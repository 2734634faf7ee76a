"""From a scheduler's config to a schedule: the two interpolants that the families share."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Parameterisation
from invsolve.schedule import DiscreteSchedule, FlowSchedule, NoiseLevel
from invsolve.schedule.discrete import BETA_END, BETA_START, TIMESTEPS, Betas

PREDICTIONS: Final[Mapping[str, Parameterisation]] = {"epsilon": "eps", "v_prediction": "v", "sample": "clean"}
BETAS: Final[Mapping[str, Betas]] = {
    "linear": "linear",
    "scaled_linear": "scaled_linear",
    "squaredcos_cap_v2": "cosine",
}


def discrete(config: Mapping[str, Any], shift: float | None = None) -> DiscreteSchedule:
    """Variance preserving, from ``beta_*``, ``trained_betas``, ``snr_shift_scale`` and ``rescale_betas_zero_snr``.

    Raises `CapabilityError` for an unknown formula of the betas, and for a shift, which belongs to rectified flow
    models.
    """
    formula = config.get("beta_schedule", "linear")
    table = config.get("trained_betas")
    if table is None and formula not in BETAS:
        raise CapabilityError(
            f"the checkpoint's scheduler has beta_schedule {formula!r}; known are {', '.join(BETAS)}, and a table of "
            "trained_betas."
        )
    if shift is not None:
        raise CapabilityError(
            f"`shift` (here {shift:g}) moves the times of rectified flow models; this model is not one."
        )
    schedule = DiscreteSchedule(
        betas=BETAS[formula] if table is None else tuple(table),
        snr_shift=config.get("snr_shift_scale", 1.0),
        zero_terminal_snr=config.get("rescale_betas_zero_snr", False),
    )
    if table is not None:
        return schedule
    timesteps = config.get("num_train_timesteps", TIMESTEPS)
    if schedule.betas == "cosine":
        return attrs.evolve(schedule, timesteps=timesteps)
    start, end = config.get("beta_start", BETA_START), config.get("beta_end", BETA_END)
    return attrs.evolve(schedule, beta_start=start, beta_end=end, timesteps=timesteps)


def prediction(config: Mapping[str, Any]) -> Parameterisation:
    """The parameterisation that ``prediction_type`` names; raises `CapabilityError` for an unknown one."""
    kind = config.get("prediction_type", "epsilon")
    if kind not in PREDICTIONS:
        raise CapabilityError(
            f"the checkpoint's scheduler says prediction_type {kind!r}; known are {', '.join(PREDICTIONS)}."
        )
    return PREDICTIONS[kind]


def flow(config: Mapping[str, Any], shift: float | None = None) -> FlowSchedule:
    """Rectified flow with the scheduler's shift: ``shift`` (FlowMatchEuler) or ``flow_shift`` (UniPC)."""
    if shift is None:
        shift = config.get("flow_shift") or config.get("shift") or 1.0
    return FlowSchedule(shift=float(shift))


def timestep(level: NoiseLevel) -> float:
    """Discrete models count the levels of their table."""
    return level.time


def thousandth(level: NoiseLevel) -> float:
    """Rectified flow models count thousandths."""
    return 1000 * level.time
