"""`solve`: the one loop. It owns steps, seeds, finiteness, observers, the time budget and checkpoints."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.problem import Problem
from invsolve.problem.trial import try_parts
from invsolve.randomness import SeededRandomness
from invsolve.returned import check_tensor
from invsolve.sampler import Sampler
from invsolve.sampler.fit import check_fit
from invsolve.sampler.walk import first_state, walk
from invsolve.solving.checkpoint import Checkpoint, CheckpointFile, Saved, fingerprint
from invsolve.solving.conclusion import concluded
from invsolve.solving.numbers import observation_numbers, sample_numbers
from invsolve.solving.observer import Finished, Observer, Started, Stepped
from invsolve.solving.outcome import Outcome, ending
from invsolve.solving.sampled import Sampled
from invsolve.solving.solution import Solution
from invsolve.solving.state_tree import tensors_of
from invsolve.validators import check_type, shown, whole_number

WATCH: Final = 8  # steps between looks whether all numbers are finite: what is not, stays so

Trajectory = tuple[int, int]  # (row of the observation, sample)


def solve(
    problem: Problem,
    sampler: Sampler[Any],
    *,
    seed: int,
    samples: int | Sequence[int] = 1,
    observations: int | Sequence[int] = 0,
    throw: bool = True,
    observers: Sequence[Observer] = (),
    checkpoint: Checkpoint | Path | str | None = None,
    chunk: int | None = None,
    time_limit: float | None = None,
) -> Solution:
    """Draw samples of the posterior ``p(x | y)``.

    Args:
        seed: an integer from 0. The noise of sample ``i`` is the same alone, in any batch, order or chunk.
        samples: how many, or which sample numbers.
        observations: the number of the first observation, or of each: what its noise is keyed by, so that one
            observation of many can be solved again alone.
        throw: raise `RunFailed` for a run that does not end well (its `.solution` holds what there was), or, with
            False, return the failure as a value: look at ``solution.outcome``.
        observers: receive `Started`, `Stepped` and `Finished`.
        checkpoint: a path (or `Checkpoint`): the run saves itself there, and goes on from there if the file exists.
        chunk: at most this many trajectories (observation and sample) at a time: bounded memory, same result.
        time_limit: wall time [s] after which the run stops with `Outcome.TIME_LIMIT`.

    Raises:
        CapabilityError: before any work if the sampler needs what the problem lacks.
        ComponentError: for arguments out of range.

    Examples:
        ```python
        solution = solve(problem, DPS(steps=1000), seed=7, samples=4)
        solution.video  # s b c t h w
        ```
    """
    check_type("the first argument of solve", problem, Problem)
    check_type("the second argument of solve", sampler, Sampler)
    check_type("observers", observers, Sequence)
    for observer in observers:
        check_type("an observer", observer, Observer)
    seed, numbers = whole_number("seed", seed, least=0), sample_numbers(samples)
    rows = observation_numbers(observations, problem.count)
    if chunk is not None:
        chunk = whole_number("chunk", chunk, least=1)
    if time_limit is not None and not (isinstance(time_limit, int | float) and time_limit >= 0):
        raise ComponentError(f"time_limit must be a number of seconds from 0, got {shown(time_limit)}.")
    check_fit(sampler, problem)
    try_parts(problem)
    every = [(observation, sample) for sample in numbers for observation in range(problem.count)]
    size = chunk or len(every)
    chunks = [tuple(every[start : start + size]) for start in range(0, len(every), size)]
    file = None
    if checkpoint is not None:
        kept = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(Path(checkpoint))
        facts = {"seed": seed, "samples": numbers, "observations": rows, "chunk": chunk}
        file = CheckpointFile(kept, fingerprint(problem, sampler, facts))
    run = Run(problem, sampler, seed, numbers, rows, chunks, tuple(observers), file, time_limit)
    return concluded(problem, sampler, run.go(), throw)


@final
@attrs.define(eq=False)
class Run:
    """The progress of one `solve`: chunks one after the other, steps inside each.

    Attributes:
        problem: what is solved, how, and the seed of all its randomness.
        sampler: what is solved, how, and the seed of all its randomness.
        seed: what is solved, how, and the seed of all its randomness.
        observers: told of every step.
        samples: their numbers.
        observations: their numbers.
        chunks: the trajectories that are in flight together.
        file: the checkpoint, or None.
        time_limit: wall time [s], or None.
        latents: of each chunk that is finished.
        traces: of each chunk that is finished.
        started: when, on the monotonic clock [s].
    """

    problem: Problem
    sampler: Sampler[Any]
    seed: int
    samples: tuple[int, ...]
    observations: tuple[int, ...]
    chunks: list[tuple[Trajectory, ...]]
    observers: tuple[Observer, ...]
    file: CheckpointFile | None
    time_limit: float | None
    latents: list[Tensor] = attrs.field(factory=list, init=False)
    traces: list[Mapping[str, Tensor]] = attrs.field(factory=list, init=False)
    started: float = attrs.field(factory=time.monotonic, init=False)

    @property
    def steps(self) -> int:
        """Steps over all chunks."""
        return self.sampler.steps * len(self.chunks)

    @property
    def seconds(self) -> float:
        """Wall time since the start [s]."""
        return time.monotonic() - self.started

    def go(self) -> Sampled:
        """Run all chunks; on failure the partial latents of the failed chunk are kept too."""
        saved = self._resume()
        first = saved.chunk if saved else 0
        begun = first * self.sampler.steps + (saved.step if saved else 0)
        self._tell(Started(steps=self.steps, step=begun, trajectories=sum(map(len, self.chunks))))
        outcome, message = Outcome.DONE, ending(Outcome.DONE, steps=self.sampler.steps)
        for number in range(first, len(self.chunks)):
            outcome, message = self._chunk(number, saved if number == first else None)
            if outcome is not Outcome.DONE:
                break
        self._tell(Finished(outcome, message, self.seconds))
        return Sampled(
            latent=self._whole_latent(),
            trace=self._whole_trace(),
            outcome=outcome,
            ending=message,
            samples=self.samples,
            seed=self.seed,
            started=self.started,
            chunk=len(self.chunks[0]),
        )

    def _whole_latent(self) -> Tensor:
        """A failed run may lack whole chunks: NaN stands for what was never computed."""
        latent = torch.cat(self.latents)
        missing = sum(map(len, self.chunks)) - len(latent)
        return torch.cat([latent, latent.new_full((missing, *latent.shape[1:]), torch.nan)])

    def _whole_trace(self) -> dict[str, Tensor]:
        """Each recorded quantity as ``steps trajectories``; NaN where a failed run did not get to."""
        names = sorted({name for trace in self.traces for name in trace})
        columns = []
        for number, trajectories in enumerate(self.chunks):
            trace = self.traces[number] if number < len(self.traces) else {}
            blank = torch.full((self.sampler.steps, len(trajectories)), torch.nan)
            for name in names:
                column = blank.clone()
                if name in trace:
                    column[: trace[name].shape[0]] = trace[name]
                columns.append((name, column))
        return {name: torch.cat([column for key, column in columns if key == name], dim=1) for name in names}

    def _resume(self) -> Saved | None:
        if self.file is None:
            return None
        # a sampler may do all its work in the first state
        saved = self.file.load(lambda: self._initial(self.chunks[0][:1]), self.problem.observation.device)
        if saved is not None:
            self.latents.extend(saved.finished)
            self.traces.extend(saved.finished_traces)
        return saved

    def _initial(self, trajectories: tuple[Trajectory, ...]) -> Any:
        rows = self.problem.select(row for row, _ in trajectories)
        return first_state(self.sampler, rows, self._randomness(trajectories))

    def _randomness(self, trajectories: tuple[Trajectory, ...]) -> SeededRandomness:
        return SeededRandomness(self.seed, tuple((self.observations[row], sample) for row, sample in trajectories))

    def _chunk(self, number: int, saved: Saved | None) -> tuple[Outcome, str]:
        trajectories = self.chunks[number]
        problem = self.problem.select(row for row, _ in trajectories)
        rng = self._randomness(trajectories)
        state, first = (saved.state, saved.step) if saved else (self._initial(trajectories), 0)
        recorded: dict[str, list[Tensor]] = {
            name: list(values) for name, values in (saved.trace if saved else {}).items()
        }
        outcome, step = Outcome.DONE, first
        steps = walk(self.sampler, problem, rng, state, first=first)
        for step, (state, info) in enumerate(steps, first):
            for name, values in info.items():
                recorded.setdefault(name, []).append(values.detach() if values.requires_grad else values)
            self._tell_step(number, step, problem, state, trajectories, info)
            done = step + 1
            going_on = done < self.sampler.steps
            late = going_on and self.time_limit is not None and self.seconds > self.time_limit
            save = going_on and self.file is not None and (late or self.file.due())
            if (done % WATCH == 0 or late or save or not going_on) and not _finite(state):
                outcome = Outcome.NONFINITE
                break
            if save:
                self._save(number, done, state, recorded)
            if late:
                outcome = Outcome.TIME_LIMIT
                break
        latent = self.sampler.estimate(problem, state)
        wanted = (problem.count, *problem.latent_shape)
        check_tensor(self.sampler, "estimate", latent, wanted, problem.observation.dtype)
        self.latents.append(latent.detach())
        self.traces.append({name: torch.stack(values) for name, values in recorded.items()})
        if outcome is Outcome.DONE and self.file is not None and number + 1 < len(self.chunks):
            self._save(number + 1, 0, self._initial(self.chunks[number + 1]), {})
        return outcome, ending(
            outcome,
            steps=self.sampler.steps,
            step=step + 1,
            limit=self.time_limit or 0.0,
            trajectory=_first_broken(state, trajectories) if outcome is Outcome.NONFINITE else "",
        )

    def _save(self, chunk: int, step: int, state: Any, recorded: Mapping[str, list[Tensor]]) -> None:
        if self.file is not None:
            trace = {name: torch.stack(values) for name, values in recorded.items()}
            self.file.save(Saved(chunk, step, state, trace, tuple(self.latents), tuple(self.traces)))

    def _tell_step(
        self, chunk: int, step: int, problem: Problem, state: Any, trajectories: tuple[Trajectory, ...], info: Any
    ) -> None:
        if self.observers:
            done = chunk * self.sampler.steps + step + 1
            self._tell(Stepped(done, self.steps, trajectories, info, lambda: self.sampler.estimate(problem, state)))

    def _tell(self, event: Started | Stepped | Finished) -> None:
        for observer in self.observers:
            observer.notify(event)


def _finite(state: Any) -> bool:
    # A sum is finite only if every element is; where it overflows, the slower question decides.
    if math.isfinite(sum(tensor.sum().item() for tensor in tensors_of(state))):
        return True
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors_of(state))


def _first_broken(state: Any, trajectories: tuple[Trajectory, ...]) -> str:
    for tensor in tensors_of(state):
        for row, (observation, sample) in zip(tensor, trajectories, strict=False):
            if not bool(torch.isfinite(row).all()):
                return f"(observation {observation}, sample {sample})"
    return ""
