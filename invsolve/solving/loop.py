"""`solve`: the one loop. It owns steps, seeds, finiteness, observers, the time budget and checkpoints."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError, RunFailed
from invsolve.parts import references_of
from invsolve.posterior.residual import advice, chi_square, diverged
from invsolve.posterior.time_direction import blind_to_direction
from invsolve.problem import Problem
from invsolve.randomness import SeededRandomness
from invsolve.sampler import Sampler
from invsolve.solving.checkpoint import Checkpoint, CheckpointFile, Saved, fingerprint
from invsolve.solving.observer import Finished, Observer, Started, Stepped
from invsolve.solving.outcome import Outcome
from invsolve.solving.solution import Solution
from invsolve.solving.state_tree import tensors_of
from invsolve.validators import check_type, shown, whole_number

INIT = 2**32 - 1  # the step key of the initial draw: no run has that many steps
WATCH = 8  # steps between looks whether all numbers are finite: what is not, stays so

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

    - ``seed``: an integer from 0. The noise of sample ``i`` is the same alone, in any batch, order or chunk.
    - ``samples``: how many, or which sample numbers.
    - ``observations``: the number of the first observation, or of each: what its noise is keyed by, so that one
      observation of many can be solved again alone.
    - ``throw``: raise `RunFailed` for a run that does not end well (its `.solution` holds what there was), or, with
      False, return the failure as a value: look at ``solution.outcome``.
    - ``observers``: receive `Started`, `Stepped` and `Finished`.
    - ``checkpoint``: a path (or `Checkpoint`): the run saves itself there, and goes on from there if the file exists.
    - ``chunk``: at most this many trajectories (observation and sample) at a time: bounded memory, same result.
    - ``time_limit``: wall time [s] after which the run stops with `Outcome.TIME_LIMIT`.

    Raises `CapabilityError` before any work if the sampler needs what the problem lacks, and `ComponentError` for
    arguments out of range.

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
    seed, numbers = whole_number("seed", seed, least=0), _sample_numbers(samples)
    rows = _observation_numbers(observations, problem.count)
    if chunk is not None:
        chunk = whole_number("chunk", chunk, least=1)
    if time_limit is not None and not (isinstance(time_limit, int | float) and time_limit >= 0):
        raise ComponentError(f"time_limit must be a number of seconds from 0, got {shown(time_limit)}.")
    problem.require(sampler.requires, type(sampler).__name__)
    every = [(observation, sample) for sample in numbers for observation in range(problem.count)]
    size = chunk or len(every)
    chunks = [tuple(every[start : start + size]) for start in range(0, len(every), size)]
    file = None
    if checkpoint is not None:
        kept = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(Path(checkpoint))
        facts = {"seed": seed, "samples": numbers, "observations": rows, "chunk": chunk}
        file = CheckpointFile(kept, fingerprint(problem, sampler, facts))
    run = Run(problem, sampler, seed, rows, chunks, tuple(observers), file, time_limit)
    outcome, message = run.go()
    return _solution(run, numbers, outcome, message, throw)


@final
@attrs.define(eq=False)
class Run:
    """The progress of one `solve`: chunks one after the other, steps inside each."""

    problem: Problem
    sampler: Sampler[Any]
    seed: int
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

    def go(self) -> tuple[Outcome, str]:
        """Run all chunks; on failure the partial latents of the failed chunk are kept too."""
        saved = self._resume()
        first = saved.chunk if saved else 0
        begun = first * self.sampler.steps + (saved.step if saved else 0)
        self._tell(Started(steps=self.steps, step=begun, trajectories=sum(map(len, self.chunks))))
        outcome, message = Outcome.DONE, Outcome.DONE.value.format(steps=self.sampler.steps)
        for number in range(first, len(self.chunks)):
            outcome, message = self._chunk(number, saved if number == first else None)
            if outcome is not Outcome.DONE:
                break
        self._tell(Finished(outcome, message, self.seconds))
        return outcome, message

    def whole_trace(self) -> dict[str, Tensor]:
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
        template = self._initial(self.chunks[0][:1])
        saved = self.file.load(template, self.problem.observation.device)
        if saved is not None:
            self.latents.extend(saved.finished)
            self.traces.extend(saved.finished_traces)
        return saved

    def _initial(self, trajectories: tuple[Trajectory, ...]) -> Any:
        rng = self._randomness(trajectories).at(INIT)
        return self.sampler.init(self.problem.select(row for row, _ in trajectories), rng)

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
        for step in range(first, self.sampler.steps):
            state, info = self.sampler.step(problem, state, step, rng.at(step))
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
        self.latents.append(self.sampler.estimate(problem, state).detach())
        self.traces.append({name: torch.stack(values) for name, values in recorded.items()})
        if outcome is Outcome.DONE and self.file is not None and number + 1 < len(self.chunks):
            self._save(number + 1, 0, self._initial(self.chunks[number + 1]), {})
        return outcome, outcome.value.format(
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


def _sample_numbers(samples: int | Sequence[int]) -> tuple[int, ...]:
    if not isinstance(samples, Sequence):
        return tuple(range(whole_number("samples", samples, least=1)))
    numbers = tuple(whole_number("samples must be a count or sample numbers; each", each, least=0) for each in samples)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ComponentError(f"samples must be a count from 1, or distinct sample numbers from 0, got {samples!r}.")
    return numbers


def _observation_numbers(observations: int | Sequence[int], count: int) -> tuple[int, ...]:
    if not isinstance(observations, Sequence):
        first = whole_number("observations", observations, least=0)
        return tuple(range(first, first + count))
    numbers = tuple(whole_number("the number of an observation", each, least=0) for each in observations)
    if len(numbers) != count or len(set(numbers)) < count:
        raise ComponentError(f"observations must be {count} distinct numbers, one for each, got {observations!r}.")
    return numbers


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


def _decoded(run: Run, latent: Tensor, trajectories: list[Trajectory]) -> tuple[Tensor, Tensor, bool, bool]:
    """The videos, their chi-square, whether any diverged and whether all explain it reversed, a chunk at a time."""
    videos, squares, lost, reversible = [], [], False, True
    size = len(run.chunks[0])
    for start in range(0, len(trajectories), size):
        problem = run.problem.select(row for row, _ in trajectories[start : start + size])
        video = problem.decode(latent[start : start + size])
        videos.append(video)
        squares.append(chi_square(problem, video))
        lost = lost or diverged(problem, video)
        reversible = reversible and blind_to_direction(problem.operator, problem.noise, video)
    return torch.cat(videos), torch.cat(squares), lost, reversible


def _solution(run: Run, numbers: tuple[int, ...], outcome: Outcome, message: str, throw: bool) -> Solution:
    problem, count = run.problem, run.problem.count
    latent = torch.cat(run.latents)
    # A failed run may lack whole chunks: NaN stands for what was never computed.
    missing = len(numbers) * count - latent.shape[0]
    latent = torch.cat([latent, latent.new_full((missing, *latent.shape[1:]), torch.nan)])
    video, squares, lost, reversible = _decoded(run, latent, [pair for chunk in run.chunks for pair in chunk])
    if outcome is Outcome.DONE and lost:
        outcome, message = Outcome.DIVERGED, Outcome.DIVERGED.value.format(chi_square=float(squares.max()))
    elif outcome is Outcome.DONE:
        message += advice(squares) + run.sampler.remark(problem, video)
    solution = Solution(
        video=video.reshape(len(numbers), count, *video.shape[1:]),
        latent=latent.reshape(len(numbers), count, *latent.shape[1:]),
        outcome=outcome,
        message=message,
        chi_square=squares.reshape(len(numbers), count),
        trace={name: values.reshape(-1, len(numbers), count) for name, values in run.whole_trace().items()},
        space=problem.space,
        reversible=reversible,
        samples=numbers,
        seed=run.seed,
        seconds=run.seconds,
        references=references_of(problem, run.sampler),
    )
    if throw and outcome is not Outcome.DONE:
        raise RunFailed(message, solution)
    return solution
