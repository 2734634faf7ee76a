"""Laws of every `TractablePrior`: its exact conditional law fits its own denoiser. All in float64."""

from typing import Final

import torch
from torch import Tensor

from invsolve.operator.pipeline import Identity
from invsolve.prior import TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.randomness import SeededRandomness
from invsolve.schedule import NoiseLevel
from invsolve.testing.case import Case
from invsolve.testing.law import NotApplicable, require
from invsolve.testing.laws.gap import relative_gap
from invsolve.testing.laws.levels import noisy_levels

BLIND: Final = 1e6  # noise std of an observation without information
SEEING: Final = 0.3  # noise std of an informative one
DRAWS: Final = 2000
DEVIATIONS: Final = 6.0  # of a Monte Carlo estimate from its expectation, in standard errors


def without_observation_it_is_tweedie(prior: TractablePrior, case: Case) -> None:
    """The mean of ``p(z0 | z, y)`` is the prior's own clean estimate where ``y`` carries no information."""
    case = case.at(dtype="float64")
    z = _latent(prior, case)
    for level in noisy_levels(prior):
        gap = relative_gap(_law(prior, case, z, level, BLIND).mean, prior.predict(z, level).z0)
        require(gap < 1e-6, f"the conditional mean differs from predict's z0 by {gap:.3g} (relative) at {level}.")


def prediction_is_the_mean_of_its_law(prior: TractablePrior, case: Case) -> None:
    """A prediction that carries the law of the clean latent has that law's mean as its ``z0``."""
    case = case.at(dtype="float64")
    z = _latent(prior, case)
    for level in noisy_levels(prior):
        prediction = prior.predict(z, level)
        if prediction.conditional is None:
            raise NotApplicable("its predictions carry no law")
        gap = relative_gap(prediction.conditional.mean, prediction.z0)
        require(gap < 1e-9, f"the law's mean differs from z0 by {gap:.3g} (relative) at {level}.")


def much_noise_is_forgotten(prior: TractablePrior, case: Case) -> None:
    """In the limit ``a -> 0`` the clean estimate is the prior's mean, whatever the latent."""
    case = case.at(dtype="float64")
    level = NoiseLevel(a=1e-7, s=1.0, time=noisy_levels(prior)[0].time)
    z0 = prior.predict(_latent(prior, case), level).z0
    mean = _law(prior, case, None, None, BLIND).mean
    distance = float((z0 - mean).square().mean().sqrt())
    require(distance < 1e-3, f"z0 is {distance:.3g} (root mean square) from the prior's mean at {level}.")


def samples_follow_the_law(prior: TractablePrior, case: Case) -> None:
    """Draws of ``p(z0 | z, y)`` have its mean, and Tweedie's covariance ``(s^2 / a) d mean / d z``."""
    case = case.at(dtype="float64", b=1)
    z = _latent(prior, case)
    level = noisy_levels(prior)[1]
    direction = case.normal_like(tuple(z.shape), 8)
    direction = direction / direction.norm()
    for std in (BLIND, SEEING):
        law = _law(prior, case, z.expand(DRAWS, -1, -1, -1, -1), level, std)
        drawn = law.sample(SeededRandomness(case.seed, tuple((0, i) for i in range(DRAWS)), purpose="law"))
        along = ((drawn - law.mean) * direction).flatten(1).sum(1)
        variance = float(along.square().mean())
        off = abs(float(along.mean())) / max((variance / DRAWS) ** 0.5, 1e-12)
        require(off < DEVIATIONS, f"the mean of {DRAWS} draws is {off:.1f} standard errors off (noise std {std:g}).")
        nudge = 1e-4 * level.s * direction
        ahead, behind = (_law(prior, case, z + sign * nudge, level, std).mean for sign in (1, -1))
        slope = float(((ahead - behind) * direction).sum()) / (2e-4 * level.s)
        expected = level.s**2 / level.a * slope
        error = float((along.square() - variance).square().mean().sqrt()) / DRAWS**0.5
        require(
            abs(variance - expected) < DEVIATIONS * error + 1e-6 * abs(expected),
            f"{DRAWS} draws have variance {variance:.5g} in a direction where it should be {expected:.5g} "
            f"(standard error {error:.2g}), with noise std {std:g} at {level}.",
        )


def prior_draw(prior: TractablePrior, case: Case) -> Tensor:
    """A draw of the prior itself for each item of a case."""
    rows = tuple((0, i) for i in range(case.b))
    return _law(prior, case, None, None, BLIND).sample(SeededRandomness(case.seed, rows, purpose="law"))


def _law(prior: TractablePrior, case: Case, z: Tensor | None, level: NoiseLevel | None, std: float) -> Conditional:
    items = case.b if z is None else z.shape[0]
    seen = case.at(b=1).video().expand(items, -1, -1, -1, -1)
    return prior.conditional(z, level, Identity(), seen, std)


def _latent(prior: TractablePrior, case: Case) -> Tensor:
    """A noisy latent that the prior believes in, at about the noise of the middle level."""
    clean = prior_draw(prior, case)
    level = noisy_levels(prior)[1]
    return level.a * clean + level.s * torch.as_tensor(case.normal_like(tuple(clean.shape), 6))
