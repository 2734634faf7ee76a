"""From a scheduler's config to a schedule: the two interpolants that the families share."""

from collections.abc import Mapping
from typing import Any

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Parameterisation
from invsolve.schedule import DiscreteSchedule, FlowSchedule, NoiseLevel

PREDICTIONS: dict[str, Parameterisation] = {"epsilon": "eps", "v_prediction": "v", "sample": "clean"}


def discrete(config: Mapping[str, Any], shift: float | None = None) -> DiscreteSchedule:
    """Variance preserving, from ``beta_*``, ``snr_shift_scale`` and ``rescale_betas_zero_snr``.

    Raises `CapabilityError` for betas that are no formula, and for a shift, which belongs to flow models.
    """
    betas = config.get("beta_schedule", "linear")
    if betas not in ("linear", "scaled_linear") or config.get("trained_betas") is not None:
        raise CapabilityError(
            f"the checkpoint's scheduler has beta_schedule {betas!r}, or a table of trained_betas; known are "
            "linear and scaled_linear."
        )
    if shift is not None:
        raise CapabilityError(f"`shift` (here {shift:g}) moves the times of flow models; this model is none.")
    return DiscreteSchedule(
        betas=betas,
        beta_start=config.get("beta_start", 1e-4),
        beta_end=config.get("beta_end", 0.02),
        timesteps=config.get("num_train_timesteps", 1000),
        snr_shift=config.get("snr_shift_scale", 1.0),
        zero_terminal_snr=config.get("rescale_betas_zero_snr", False),
    )


def prediction(config: Mapping[str, Any]) -> Parameterisation:
    """What ``prediction_type`` means; raises `CapabilityError` for one that is not known."""
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
    """Flow models count thousandths."""
    return 1000 * level.time
