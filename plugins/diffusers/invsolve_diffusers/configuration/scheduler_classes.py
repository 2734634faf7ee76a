"""The classes of schedulers that are known, each with all of its fields."""

from collections.abc import Mapping
from typing import Final, Literal, final

import attrs

Kind = Literal["table", "flow", "consistency"]


@final
@attrs.frozen
class SchedulerClass:
    """One class of diffusers.

    Attributes:
        kinds: the noise that its files can speak of: a ``table`` of levels, a rectified ``flow``, or the continuous
            levels of a ``consistency`` model. Where there are two, a file's own fields say which.
        fields: all that its constructor takes.
    """

    kinds: tuple[Kind, ...]
    fields: tuple[str, ...]


TABLE: Final = ("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "prediction_type")
SPACED: Final = ("timestep_spacing", "steps_offset")
SIGMAS: Final = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas")
CLIPPED: Final = ("clip_sample", "clip_sample_range")
THRESHOLD: Final = ("thresholding", "dynamic_thresholding_ratio", "sample_max_value")
ZERO_SNR: Final = ("rescale_betas_zero_snr",)
FLOW_SIGMAS: Final = ("use_flow_sigmas", "flow_shift")
DYNAMIC: Final = ("use_dynamic_shifting", "time_shift_type")
SOLVER: Final = ("solver_order", "algorithm_type", "solver_type", "lower_order_final")
DPM: Final = (*SOLVER, "final_sigmas_type", "lambda_min_clipped", "variance_type")
DDPM: Final = (*TABLE, *SPACED, *CLIPPED, *THRESHOLD, *ZERO_SNR, "variance_type")
DDIM: Final = (*TABLE, *SPACED, *CLIPPED, *THRESHOLD, *ZERO_SNR, "set_alpha_to_one")
COGVIDEOX: Final = (
    *TABLE,
    *SPACED,
    *CLIPPED,
    *ZERO_SNR,
    "sample_max_value",
    "set_alpha_to_one",
    "snr_shift_scale",
)
DISTILLED: Final = (*DDIM, "original_inference_steps", "timestep_scaling")
FLOW_MATCH: Final = (
    "num_train_timesteps",
    "shift",
    *DYNAMIC,
    "base_shift",
    "max_shift",
    "base_image_seq_len",
    "max_image_seq_len",
    "invert_sigmas",
    "shift_terminal",
    *SIGMAS,
)


def _table(*fields: str) -> SchedulerClass:
    return SchedulerClass(("table",), fields)


def _either(*fields: str) -> SchedulerClass:
    return SchedulerClass(("table", "flow"), (*TABLE, *THRESHOLD, *SIGMAS, *FLOW_SIGMAS, *fields))


def _flow(*fields: str) -> SchedulerClass:
    return SchedulerClass(("flow",), fields)


SCHEDULER_CLASSES: Final[Mapping[str, SchedulerClass]] = {
    "CogVideoXDDIMScheduler": _table(*COGVIDEOX),
    "CogVideoXDPMScheduler": _table(*COGVIDEOX),
    "DDIMScheduler": _table(*DDIM),
    "DDIMParallelScheduler": _table(*DDIM),
    "DDPMScheduler": _table(*DDPM),
    "DDPMParallelScheduler": _table(*DDPM),
    "EulerAncestralDiscreteScheduler": _table(*TABLE, *SPACED, *ZERO_SNR),
    "EulerDiscreteScheduler": _table(
        *TABLE,
        *SPACED,
        *SIGMAS,
        *ZERO_SNR,
        "interpolation_type",
        "sigma_min",
        "sigma_max",
        "timestep_type",
        "final_sigmas_type",
    ),
    "HeunDiscreteScheduler": _table(*TABLE, *SPACED, *SIGMAS, *CLIPPED),
    "KDPM2AncestralDiscreteScheduler": _table(*TABLE, *SPACED, *SIGMAS),
    "KDPM2DiscreteScheduler": _table(*TABLE, *SPACED, *SIGMAS),
    "LCMScheduler": _table(*DISTILLED),
    "LMSDiscreteScheduler": _table(*TABLE, *SPACED, *SIGMAS),
    "PNDMScheduler": _table(*TABLE, *SPACED, "skip_prk_steps", "set_alpha_to_one"),
    "TCDScheduler": _table(*DISTILLED),
    "DEISMultistepScheduler": _either(*SOLVER, *SPACED, *DYNAMIC),
    "DPMSolverMultistepScheduler": _either(*DPM, *SPACED, *DYNAMIC, *ZERO_SNR, "euler_at_final", "use_lu_lambdas"),
    "DPMSolverSinglestepScheduler": _either(*DPM, *DYNAMIC),
    "SASolverScheduler": _either(
        *SPACED,
        "predictor_order",
        "corrector_order",
        "tau_func",
        "algorithm_type",
        "lower_order_final",
        "lambda_min_clipped",
        "variance_type",
    ),
    "UniPCMultistepScheduler": _either(
        *SPACED,
        *DYNAMIC,
        *ZERO_SNR,
        "solver_order",
        "predict_x0",
        "solver_type",
        "lower_order_final",
        "disable_corrector",
        "solver_p",
        "final_sigmas_type",
        "sigma_min",
        "sigma_max",
        "shift_terminal",
    ),
    "FlowMatchEulerDiscreteScheduler": _flow(*FLOW_MATCH, "stochastic_sampling"),
    "FlowMatchHeunDiscreteScheduler": _flow("num_train_timesteps", "shift"),
    "FlowMatchLCMScheduler": _flow(*FLOW_MATCH, "scale_factors", "upscale_mode"),
    "CMStochasticIterativeScheduler": SchedulerClass(
        ("consistency",),
        ("num_train_timesteps", "sigma_min", "sigma_max", "sigma_data", "s_noise", "rho", "clip_denoised"),
    ),
}
