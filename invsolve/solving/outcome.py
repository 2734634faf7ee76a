"""`Outcome`: the end of a run, with advice in its text."""

from enum import Enum


class Outcome(Enum):
    """The end of a run. The value is a template of `Solution.ending`."""

    DONE = "finished after {steps} steps"
    NONFINITE = (
        "trajectory {trajectory} became NaN or infinite by step {step} of {steps}. Lower the guidance scale, take more "
        "steps, raise the noise std, compute in float64, or use a guidance rule that accounts for the prior's variance."
    )
    DIVERGED = (
        "the samples diverged: their residual is far beyond anything a video in [0, 1] can have (chi-square "
        "{chi_square:.1e}). Lower the guidance scale, take more steps, or use a guidance rule that accounts for "
        "the prior's variance."
    )
    UNJUDGED = (
        "the samples cannot be judged: they are numbers and so is the observation, but {noise}.standard_deviation is "
        "NaN for the observation that they would give. Correct the noise of the problem."
    )
    TIME_LIMIT = (
        "the time limit of {limit:g} s was reached at step {step} of {steps}. Raise time_limit, take fewer steps, or "
        "resume from the checkpoint."
    )


def ending(
    outcome: Outcome,
    *,
    steps: int,
    step: int = 0,
    limit: float = 0.0,
    trajectory: str = "",
    chi_square: float = 0.0,
    noise: str = "",
) -> str:
    """The text of an outcome.

    Args:
        steps: of the run.
        step: the last one that was taken.
        limit: of its time [s].
        trajectory: which was the first to break.
        chi_square: the largest.
        noise: its class.
    """
    return outcome.value.format(
        steps=steps, step=step, limit=limit, trajectory=trajectory, chi_square=chi_square, noise=noise
    )
