"""Laws of every `Sampler`, tried on a small problem with a closed form."""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.noise import PoissonNoise
from invsolve.problem import Problem, Requirement
from invsolve.sampler.guidance import Info
from invsolve.solving.checkpoint import Checkpoint
from invsolve.solving.loop import solve
from invsolve.solving.observer import Finished, Observer, Started, Stepped
from invsolve.testing.case import Case
from invsolve.testing.law import LawBroken, NotApplicable, require
from invsolve.testing.laws.gap import relative_gap
from invsolve.testing.laws.global_randomness import kept_random_state, random_state, seed_globally
from invsolve.testing.small import SquaredMean, small_problem
from invsolve.testing.small_prior import OpaqueGaussian, SmallGaussian
from invsolve.testing.trial import Trial

ROUNDING: Final = 1e-12  # relative, in float64


def same_seed_same_result(trial: Trial, case: Case) -> None:
    """The same seed gives the same bits again, also after another run in between."""
    first = _latent(trial, seed=case.seed)
    _latent(trial, seed=case.seed + 1)
    second = _latent(trial, seed=case.seed)
    require(
        torch.equal(first, second),
        f"two runs with seed {case.seed} differ by up to {_most(first, second):.3g}; "
        "keep what changes in the state, not in the sampler.",
    )


def seeds_count(trial: Trial, case: Case) -> None:
    """Every seed counts, 0 among them: other seeds and other sample numbers give other samples."""
    first, second = _latent(trial, seed=0), _latent(trial, seed=1)
    require(not torch.equal(first, second), "seed 0 and seed 1 give the same samples: draw from the rng handed over.")
    require(not torch.equal(first[0], first[1]), "sample 0 and sample 1 are the same: draw from the rng handed over.")


def global_randomness_untouched(trial: Trial, case: Case) -> None:
    """Global random generators are neither read nor moved."""
    with kept_random_state():
        seed_globally(1)
        before = random_state()
        first = _latent(trial, seed=case.seed)
        require(random_state() == before, "it moved a global random generator.")
        seed_globally(2)
        second = _latent(trial, seed=case.seed)
    require(torch.equal(first, second), "its result depends on a global random generator.")


def alone_as_in_a_batch(trial: Trial, case: Case) -> None:
    """A sample is the same alone as among others: nothing is averaged or normalised over the batch."""
    pairs = tuple((observation, sample) for sample in range(2) for observation in range(3))
    together = trial.latents(pairs, seed=case.seed)
    for i, pair in enumerate(pairs):
        gap = relative_gap(trial.latents((pair,), seed=case.seed), together[i : i + 1])
        require(
            gap < ROUNDING, f"sample {pair[1]} of observation {pair[0]} changes by {gap:.3g} (relative) when alone."
        )


def order_does_not_matter(trial: Trial, case: Case) -> None:
    """Permuting observations and samples permutes the results."""
    pairs = ((0, 0), (1, 0), (2, 0), (0, 1))
    order = (2, 0, 3, 1)
    straight = trial.latents(pairs, seed=case.seed)
    permuted = trial.latents(tuple(pairs[i] for i in order), seed=case.seed)
    gap = relative_gap(permuted, straight[list(order)])
    require(gap < ROUNDING, f"results change by {gap:.3g} (relative) with the order of the batch.")


def chunks_do_not_matter(trial: Trial, case: Case) -> None:
    """`solve` in chunks, and for some samples only, gives what it gives in one go."""
    whole = trial.solve(seed=case.seed, samples=3).latent
    chunked = trial.solve(seed=case.seed, samples=3, chunk=2).latent
    gap = relative_gap(chunked, whole)
    require(gap < ROUNDING, f"in chunks of 2 the result changes by {gap:.3g} (relative).")
    some = trial.solve(seed=case.seed, samples=(2, 0)).latent
    gap = relative_gap(some, whole[[2, 0]])
    require(gap < ROUNDING, f"samples (2, 0) alone differ from those among three by {gap:.3g} (relative).")


def resumes_bit_for_bit(trial: Trial, case: Case) -> None:
    """A run that is stopped and resumed from its checkpoint gives the same bits as a run in one go."""
    sampler, problem = trial.sampler, trial.problem()
    if sampler.steps < 2:
        raise NotApplicable("it takes one step only")
    whole = trial.solve(problem, seed=case.seed)
    stop = 1 + case.seed % (sampler.steps - 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Checkpoint(Path(folder) / "state.safetensors", every_seconds=0.0)
        with suppress(_StoppedError):
            watch = (_StopAt(stop),)
            solve(problem, sampler, seed=case.seed, samples=2, checkpoint=file, observers=watch, throw=False)
        resumed = solve(problem, sampler, seed=case.seed, samples=2, checkpoint=file, throw=False)
    require(
        torch.equal(whole.latent, resumed.latent),
        f"resumed after {stop} of {sampler.steps} steps the result differs by up to "
        f"{_most(whole.latent, resumed.latent):.3g}; the state must hold all that changes.",
    )


def result_is_finite(trial: Trial, case: Case) -> None:
    """Samples are finite and have the shape of the prior's latents."""
    latent = trial.solve(seed=case.seed)
    expected = (2, 3, *trial.problem().latent_shape)
    require(tuple(latent.latent.shape) == expected, f"latents have shape {tuple(latent.latent.shape)}, not {expected}.")
    require(bool(torch.isfinite(latent.latent).all()), f"the result is not finite: {latent.message}")


def misfit_is_recorded(trial: Trial, case: Case) -> None:
    """Each step records `misfit`, one finite number for each trajectory."""
    recorded = _Recorded()
    trial.solve(seed=case.seed, observers=(recorded,))
    for step, info in enumerate(recorded.infos):
        require("misfit" in info, f"step {step} records {sorted(info) or 'nothing'}, but no 'misfit'.")
        shape = tuple(info["misfit"].shape)
        require(shape == (6,), f"misfit has shape {shape} for 6 trajectories.")
        require(bool(torch.isfinite(info["misfit"]).all()), f"a misfit is NaN or infinite at step {step}.")


def dtype_kept(trial: Trial, case: Case) -> None:
    """The work runs in the dtype of the observation."""
    for dtype in (torch.float32, torch.float64):
        latent = trial.solve(trial.problem(dtype), seed=case.seed).latent
        require(latent.dtype == dtype, f"latents are {latent.dtype} for an observation of {dtype}.")


def requirements_are_declared(trial: Trial, case: Case) -> None:
    """Everything it needs of a problem is in `requires`: a problem without it is refused, any other is solved."""
    for lacking, problem in _poorer_problems(trial).items():
        if lacking in trial.sampler.requires:
            try:
                trial.solve(problem, seed=case.seed)
            except CapabilityError:
                continue
            raise LawBroken(f"it requires {lacking.name}, but a problem without {lacking.value} was accepted.")
        try:
            trial.solve(problem, seed=case.seed)
        except Exception as error:  # whatever it raises, it was not refused before the work began
            raise LawBroken(
                f"it does not declare {lacking.name} in `requires`, but fails without {lacking.value}: "
                f"{type(error).__name__}: {error}"
            ) from error


def _poorer_problems(trial: Trial) -> dict[Requirement, Problem]:
    operator, plain = trial.operator, SmallGaussian(schedule=trial.schedule)
    prior, opaque = trial.suited(plain), trial.suited(OpaqueGaussian(schedule=trial.schedule))
    poorer = {
        Requirement.GAUSSIAN_NOISE: small_problem(operator=operator, noise=PoissonNoise(gain=0.01), prior=prior),
        Requirement.TRACTABLE_PRIOR: small_problem(operator=operator, prior=opaque),
        Requirement.SEEN_FRAMES: small_problem(prior=prior),
        Requirement.RESIDUAL_PRIOR: small_problem(operator=operator, prior=plain),
    }
    if Requirement.SEEN_FRAMES in trial.sampler.requires:  # frames that are seen are seen linearly
        return poorer
    return poorer | {Requirement.LINEAR: small_problem(operator=SquaredMean(), prior=prior)}


@final
class _StoppedError(Exception):
    """A run was stopped on purpose."""


@final
@attrs.frozen
class _StopAt(Observer):
    """Stops the run after the checkpoint of step `step`."""

    step: int

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Raise when the step after `step` ends; by then `step` is saved."""
        if isinstance(event, Stepped) and event.step == self.step + 1:
            raise _StoppedError


@final
@attrs.frozen
class _Recorded(Observer):
    """Keeps what each step recorded."""

    infos: list[Info] = attrs.field(factory=list)

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Keep the info of a step."""
        if isinstance(event, Stepped):
            self.infos.append(event.info)


def _latent(trial: Trial, *, seed: int) -> Tensor:
    return trial.solve(seed=seed).latent


def _most(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
