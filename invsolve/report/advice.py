"""What to try next: rules that read the numbers of a run, each a heading and what follows from it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, final

import attrs

from invsolve.posterior.residual import HIGH, LOW

ENOUGH: Final = 8  # samples from which on a map of std is no longer mostly chance
SURE: Final = 3.0  # standard errors beyond which coverage is called wrong
GAIN: Final = 0.1  # dB


@final
@attrs.frozen
class Advice:
    """What was seen, and what to do."""

    seen: str
    do: str


def advice(
    values: Mapping[str, Any],
    chi_square: Sequence[float],
    samples: int,
    forward: Sequence[bool],
    recipe: str,
) -> tuple[Advice, ...]:
    """The advice that the numbers of a run give, the gravest first.

    Args:
        values: its metrics.
        chi_square: of each sample.
        samples: how many there are.
        forward: of each sample, whether it runs as the first does; empty where the direction of time is known.
        recipe: what to call the recipe in commands.
    """
    rules = (_misfit(chi_square), _gain(values, recipe), _coverage(values, recipe), _directions(forward, recipe),
             _number(samples, recipe), _unknown_truth(values), _modes(values))  # fmt: skip
    found = tuple(each for rule in rules for each in rule)
    if found:
        return found
    return (
        Advice(
            "The samples explain the observation, and no number here speaks against them.",
            f"One input says little of a method: `invsolve evaluate {recipe}` measures it over many, `invsolve "
            f"calibrate {recipe}` asks whether its samples are those of the posterior.",
        ),
    )


def _misfit(chi_square: Sequence[float]) -> Iterator[Advice]:
    typical = sorted(chi_square)[(len(chi_square) - 1) // 2] if chi_square else math.nan
    if typical > HIGH:
        yield Advice(
            f"The samples miss the observation: chi-square is {typical:.3g} per value, where about 1 is due.",
            "Is the operator the one that made this picture (its kernel, its exposure, the light it works in)? If it "
            "is, raise the guidance's scale or the number of steps. A noise std stated "
            f"{math.sqrt(typical):.2g} times as large would explain the misfit as noise.",
        )
    if typical < LOW:
        yield Advice(
            f"The samples fit the noise too: chi-square is {typical:.3g} per value, where about 1 is due.",
            "The noise std is probably stated too large: "
            f"{math.sqrt(max(typical, 1e-12)):.2g} times as much fits what is left. Otherwise weaken the guidance.",
        )


def _gain(values: Mapping[str, Any], recipe: str) -> Iterator[Advice]:
    better, observed = values.get("psnr_mean_of_samples"), values.get("psnr_observed")
    mean = better if isinstance(better, float) else values.get("psnr_mean")
    if isinstance(mean, float) and isinstance(observed, float) and mean < observed - GAIN:
        yield Advice(
            f"The mean is farther from the truth than the observation is: {mean:.2f} dB against {observed:.2f} dB.",
            "Either the operator is not what happened to this picture, or the prior does not know pictures like it. "
            f"Try another prior: `invsolve run {recipe} --set 'prior={{use: spectral_gaussian}}'` needs no weights and "
            "is exact where operator and noise are simple.",
        )


def _coverage(values: Mapping[str, Any], recipe: str) -> Iterator[Advice]:
    found, nominal, error = (values.get(name) for name in ("coverage", "coverage_nominal", "coverage_error"))
    if not all(isinstance(each, float) and math.isfinite(each) for each in (found, nominal, error)):
        return
    assert isinstance(found, float) and isinstance(nominal, float) and isinstance(error, float)
    if found < nominal - SURE * error:
        yield Advice(
            f"The samples are too sure: their {nominal:.0%} intervals hold {found:.0%} of the truth.",
            "Do not read the standard deviation as an error bar yet. Weaker guidance, more steps or a sampler with a "
            f"proof (`exact`, `twisted_smc`) widen it; `invsolve calibrate {recipe}` says whether that was enough.",
        )
    elif found > nominal + SURE * error:
        yield Advice(
            f"The samples are less sure than they could be: their {nominal:.0%} intervals hold {found:.0%} of the "
            "truth.",
            "The error bars are safe, but wide: the noise std may be stated too large, or the prior be too broad for "
            f"pictures like this one. `invsolve calibrate {recipe}` tells the two apart.",
        )


def _directions(forward: Sequence[bool], recipe: str) -> Iterator[Advice]:
    if len(forward) > 1 and all(forward):
        yield Advice(
            f"All {len(forward)} samples run the same way in time, though the observation does not tell the direction.",
            "The reverse of each explains the observation as well: treat it as a second answer. Draw more samples "
            f"(`invsolve run {recipe} --set samples={4 * len(forward)}`), or observe two exposures, which tell it.",
        )
    elif forward and len(forward) > 1:
        yield Advice(
            f"{sum(forward)} of {len(forward)} samples run one way in time, {len(forward) - sum(forward)} the other: "
            "the observation does not tell the direction.",
            "That is no fault of the samples. Look at one of each; a second exposure would tell them apart.",
        )


def _number(samples: int, recipe: str) -> Iterator[Advice]:
    if samples == 1:
        yield Advice(
            "One sample is one possible answer, and says nothing of how sure it is.",
            f"`invsolve run {recipe} --set samples=8` adds the mean, its standard deviation and coverage.",
        )
    elif samples < ENOUGH:
        error = 1 / math.sqrt(2 * (samples - 1))
        yield Advice(
            f"{samples} samples: each value of the map of standard deviation is itself unsure by {error:.0%}.",
            f"`invsolve run {recipe} --set samples=16` brings that to {1 / math.sqrt(30):.0%}.",
        )


def _unknown_truth(values: Mapping[str, Any]) -> Iterator[Advice]:
    if "psnr" not in values:
        yield Advice(
            "The truth is not known, so that nothing here says how near the samples are to it.",
            "Simulate the same problem from a sharp picture (`input: {read: simulate, from: ...}`) to see what this "
            "recipe does where the answer is known.",
        )


def _modes(values: Mapping[str, Any]) -> Iterator[Advice]:
    weights: list[float] = []
    while isinstance(weight := values.get(f"mode_{len(weights)}_weight"), float):
        weights.append(weight)
    if len(weights) > 1:
        parts = ", ".join(f"{weight:.0%}" for weight in weights)
        yield Advice(
            f"The samples are {len(weights)} different explanations, of {parts} of them.",
            "Their mean shows none of these: look at one sample of each, which stand first among the pictures.",
        )
