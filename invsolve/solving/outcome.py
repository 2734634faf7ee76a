"""`Outcome`: how a run ended; the text says what to do."""

from enum import Enum


class Outcome(Enum):
    """How a run ended. The value is a template of `Solution.message`."""

    DONE = "finished after {steps} steps"
    NONFINITE = (
        "trajectory {trajectory} became NaN or infinite by step {step} of {steps}. Lower the guidance scale, take more "
        "steps, raise the noise std, compute in float64, or use guidance that knows the prior's variance: 'exact', or "
        "'pigdm' with a larger prior_variance."
    )
    DIVERGED = (
        "the samples diverged: their residual is far beyond anything a video in [0, 1] can have (chi-square "
        "{chi_square:.1e}). Lower the guidance scale, take more steps, or use guidance that knows the prior's "
        "variance: 'exact', or 'pigdm' with a larger prior_variance."
    )
    TIME_LIMIT = (
        "the time limit of {limit:g} s was reached at step {step} of {steps}. Raise time_limit, take fewer steps, or "
        "resume from the checkpoint."
    )
