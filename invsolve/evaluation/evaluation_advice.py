"""What to try next after an evaluation, by its numbers."""

import math
from collections.abc import Collection, Iterator
from typing import Final

from invsolve.evaluation.measures import OWN
from invsolve.evaluation.summary import Summary, interval_cell
from invsolve.posterior.residual import HIGH, LOW
from invsolve.report.advice import Advice

FEW: Final = 20  # clips
SURE: Final = 0.1


def advice(summary: Summary, recipe: str, bounds: Collection[str] = ()) -> tuple[Advice, ...]:
    """The advice that the numbers give, the gravest first.

    Args:
        summary: the numbers.
        recipe: what commands call the recipe.
        bounds: baselines that know the truth, which nothing is expected to gain on.
    """
    found = (*_misfit(summary), *_gains(summary, bounds), *_spread(summary), *_few(summary, recipe))
    if found:
        return found
    return (
        Advice(
            "The samples explain the observations, and gain on every baseline.",
            f"Whether they are samples of the posterior, `invsolve calibrate {recipe}` asks; other recipes stand "
            f"beside this one with `invsolve evaluate {recipe} OTHER.yaml`.",
        ),
    )


def _misfit(summary: Summary) -> Iterator[Advice]:
    typical = summary.interval(OWN, "reblur_chi_square").median
    if typical > HIGH:
        yield Advice(
            f"The samples miss the observations: the median chi-square is {typical:.3g} per value.",
            "Raise the guidance's scale or the number of steps; if the clips are real, check operator and noise first.",
        )
    if typical < LOW:
        yield Advice(
            f"The samples fit the noise too: the median chi-square is {typical:.3g} per value.",
            "The noise std is probably stated too large, or the guidance is too strong.",
        )


def _gains(summary: Summary, bounds: Collection[str]) -> Iterator[Advice]:
    for of in summary.subjects[1:]:
        gain = summary.gain(of, "psnr_mean_of_samples")
        if of in bounds or math.isnan(gain.median) or gain.low > 0:
            continue
        cell = interval_cell(gain, "{:+.2f}".format)
        worse = gain.high < 0
        yield Advice(
            f"The mean of the samples {'loses to' if worse else 'is not told apart from'} {of}: {cell} dB.",
            "Look at the worst clips below before trusting a median."
            if worse
            else "More clips make the interval narrower; more samples make the mean better.",
        )


def _spread(summary: Summary) -> Iterator[Advice]:
    ratio = summary.interval(OWN, "calibration_ratio")
    if not math.isnan(ratio.median) and ratio.low > 1 + SURE:
        yield Advice(
            f"Errors are {ratio.median:.2f} times what the spread of the samples says.",
            "The samples are too sure. Weaker guidance or more steps widen them.",
        )


def _few(summary: Summary, recipe: str) -> Iterator[Advice]:
    if len(summary.clips) < FEW:
        yield Advice(
            f"{len(summary.clips)} clips: the intervals of the medians are wide, and worse clips are yet to come.",
            f"`invsolve evaluate {recipe} --clips 0..50` goes on with this evaluation and keeps what is done.",
        )
