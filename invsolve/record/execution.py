"""`execute`: one recipe from its input to a finished folder."""

import json
import math
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs
import torch

from invsolve.errors import ReadError, RunFailed, SpaceError
from invsolve.extras import NETCDF, lacking
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json
from invsolve.files.leftovers import sweep
from invsolve.media.reader import ReadContext, read_from
from invsolve.media.recording import Recording
from invsolve.metrics.measured import measured
from invsolve.metrics.metric import Values
from invsolve.metrics.reconstruction import Reconstruction
from invsolve.operator import Operator
from invsolve.parts import walk
from invsolve.problem import Problem
from invsolve.problem.condition import condition_of
from invsolve.recipe import Recipe
from invsolve.record.bibliography import bibliography, bibtex
from invsolve.record.device import device_of
from invsolve.record.footprint import require_memory
from invsolve.record.log import Log
from invsolve.record.provenance import now, peak_memory, provenance
from invsolve.record.reconstructed import reconstruction_of, try_metrics
from invsolve.record.run_folder import RunFolder
from invsolve.record.sameness import require_same
from invsolve.record.threads import threaded
from invsolve.returned import check_instance
from invsolve.sampler.fit import check_fit
from invsolve.solving.checkpoint import Checkpoint
from invsolve.solving.loop import solve
from invsolve.solving.observer import Observer
from invsolve.solving.outcome import Outcome
from invsolve.solving.solution import Solution
from invsolve.video.space import VideoSpace

CHECKPOINT_SECONDS: Final = 15.0


@final
@attrs.frozen(eq=False)
class Execution:
    """A finished run: its folder, its solution and the values of its metrics."""

    folder: RunFolder
    solution: Solution
    values: Values
    left_out: tuple[str, ...] = ()


@final
@attrs.frozen(eq=False)
class Task:
    """A recipe made ready to run: input read, parts checked against each other. Nothing is written yet."""

    recipe: Recipe
    recording: Recording
    problem: Problem
    device: torch.device

    @property
    def values(self) -> int:
        """Of all videos that are in flight together."""
        every = self.recipe.samples * self.problem.count
        together = every if self.recipe.chunk is None else min(self.recipe.chunk, every)
        return together * math.prod(self.problem.space.shape)

    @classmethod
    def prepare(cls, recipe: Recipe) -> "Task":
        """Read the input and build the problem.

        Raises:
            ReadError: for the input.
            SpaceError: for parts that do not fit.
            CapabilityError: for parts that do not fit, and for a run that does not fit into memory.
        """
        device = device_of(recipe.device)
        recording = read_from(recipe.input, ReadContext(recipe.operator, recipe.noise, recipe.seed))
        dtype = torch.float64 if recipe.dtype == "float64" else torch.float32
        observation, space = recording.video.to(device, dtype).contiguous(), space_of(recipe.operator, recording)
        told = None if recipe.condition is None else condition_of(recipe.prior, recipe.operator, observation, space)
        problem = Problem(
            operator=recipe.operator,
            observation=observation,
            prior=recipe.prior,
            noise=recipe.noise,
            space=space,
            condition=told,
        )
        check_fit(recipe.sampler, problem)
        require_memory(recipe, problem, device)
        return cls(recipe, recording, problem, device)


def made_up(recipe: Recipe, recording: Recording) -> tuple[str, ...]:
    """Warnings of an operator that is not what happened to an observation without a known truth: whole sentences."""
    if recording.truth is not None:
        return ()
    parts = (part for _, part in walk(recipe.operator) if isinstance(part, Operator) and part.made_up)
    return tuple(
        f"{recording.name or 'The observation'} is taken for the result of {part.made_up}, which it hardly is: expect "
        "a worse picture than the input. State what happened to it, or let `invsolve deblur` find the motion."
        for part in parts
    )


def space_of(operator: Operator, recording: Recording) -> VideoSpace:
    """The space to solve in: that of the truth, where the operator takes it to the observation's; else the smallest."""
    if recording.truth_space is not None:
        try:
            seen = operator.output_space(recording.truth_space)
            check_instance(operator, "output_space", seen, VideoSpace)
            if seen.shape == recording.space.shape:
                return recording.truth_space
        except SpaceError:
            # a truth from elsewhere carries no information about this operator
            pass
    space = operator.input_space(recording.space)
    check_instance(operator, "input_space", space, VideoSpace)
    return space


def execute(
    task: Task,
    folder: RunFolder,
    *,
    command: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    threads: int | None = None,
) -> Execution:
    """Solve `task` in `folder`, or go on where an earlier session in that folder stopped.

    The folder loses its suffix ``.partial`` when everything is written. It keeps it when the run is interrupted or runs
    out of time; it becomes ``.failed`` when the run ends in NaN.

    Args:
        threads: of torch; None for those of the session before, and for as many as `threads_for` says in a new run.

    Raises:
        RunFailed: for a run that does not end well.
        WriteError: where the folder cannot be written.
    """
    with folder.locked(), threaded(threads or _threads_before(folder), task.values) as count:
        sweep(folder.path)
        facts = _open(task, folder, tuple(command))
        log = Log(folder.path / "log.txt")
        log.write(
            f"session {facts['sessions']} of {task.recipe.name} {task.recipe.hash8} on {task.device},"
            f" {count} thread{'s' * (count != 1)} for {task.values:,} values in flight"
        )
        for note in task.recording.notes:
            log.write(f"input: {note}")
        for warning in made_up(task.recipe, task.recording):
            log.write(warning)
        started = time.monotonic()
        try_metrics(task.recipe.metrics, task.problem, task.recording)
        try:
            solution = _solve(task, folder, (*observers, log), checkpoint_seconds)
            values: Values = {}
            left_out: tuple[str, ...] = ()
            reconstruction = reconstruction_of(solution, task.problem, task.recording)
            if solution.outcome is Outcome.DONE:
                log.write("measuring and writing results")
                values, left_out = _report(task, folder, solution, reconstruction)
                for missed in left_out:
                    log.write(missed)
        except KeyboardInterrupt:
            _close(task, folder, facts, started, "INTERRUPTED", "stopped by Ctrl-C; resume with --resume")
            log.write("interrupted")
            raise
        facts = _close(task, folder, facts, started, solution.outcome.name, solution.message)
        log.write(solution.message)
        if solution.outcome is Outcome.DONE and "report" in task.recipe.outputs:
            without = lacking("report.html", *NETCDF)
            if without:
                left_out += (without,)
            else:
                _write_page(task, folder, facts, solution, reconstruction, values)
        return Execution(_ended(folder, solution), solution, values, left_out)


def require_unchanged(task: Task, folder: RunFolder) -> None:
    """Raise `UsageError` unless the run in `folder` was made of what `task` is made of."""
    written = folder.path / "provenance.json"
    if written.is_file():
        require_same(_earlier(written), provenance(task.recipe, task.recording, task.device, ()), folder.path)


def _earlier(written: Path) -> dict[str, Any]:
    try:
        earlier: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        return {**earlier, "started": earlier["started"], "sessions": int(earlier["sessions"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{written} is damaged, so that this run cannot be resumed: {error}.") from error


def _threads_before(folder: RunFolder) -> int | None:
    """The threads of an earlier session: rounding depends on their number."""
    written = folder.path / "provenance.json"
    found = _earlier(written).get("threads") if written.is_file() else None
    return found if isinstance(found, int) and found > 0 else None


def _solve(task: Task, folder: RunFolder, observers: Sequence[Observer], seconds: float) -> Solution:
    recipe = task.recipe
    return solve(
        task.problem,
        recipe.sampler,
        seed=recipe.seed,
        samples=recipe.samples,
        throw=False,
        observers=observers,
        checkpoint=Checkpoint(folder.path / "state.safetensors", every_seconds=seconds),
        chunk=recipe.chunk,
        time_limit=recipe.time_limit,
    )


def _open(task: Task, folder: RunFolder, command: tuple[str, ...]) -> dict[str, Any]:
    recipe, path = task.recipe, folder.path
    facts = provenance(recipe, task.recording, task.device, command)
    written = path / "provenance.json"
    if written.is_file():
        earlier = _earlier(written)
        require_same(earlier, facts, path)
        facts |= {"started": earlier["started"], "sessions": earlier["sessions"] + 1}
    # of a session before, or of none: someone may have taken them away meanwhile
    if recipe.source is not None and recipe.source.is_file() and not (path / "recipe.yaml").is_file():
        write_text(path / "recipe.yaml", recipe.source.read_text(encoding="utf-8-sig"))
    if not (path / "resolved.yaml").is_file():
        write_text(path / "resolved.yaml", recipe.dump())
    if not (path / "references.bib").is_file():
        write_text(path / "references.bib", bibtex(bibliography(recipe)))
    write_json(written, facts, replace=True)
    return facts


def _report(
    task: Task, folder: RunFolder, solution: Solution, reconstruction: Reconstruction
) -> tuple[Values, tuple[str, ...]]:
    from invsolve.record.results import write_results

    # an earlier session may have been stopped while it wrote
    for leftover in (*folder.path.glob("frames*"), *folder.path.glob("*.mp4"), *folder.path.glob("comparison*.png")):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
    values = measured(task.recipe.metrics, reconstruction)
    return values, write_results(folder, solution, reconstruction, task.recording, values, task.recipe.outputs)


def _write_page(
    task: Task,
    folder: RunFolder,
    facts: dict[str, Any],
    solution: Solution,
    reconstruction: Reconstruction,
    values: Values,
) -> None:
    from invsolve.record.run_content import content_of_run
    from invsolve.record.run_page import REPORT, run_page

    content = content_of_run(folder, facts, solution, reconstruction, values)
    write_text(folder.path / REPORT, run_page(content, task.recipe.catalog), replace=True)


def _close(
    task: Task, folder: RunFolder, facts: dict[str, Any], started: float, outcome: str, message: str
) -> dict[str, Any]:
    facts = facts | peak_memory(task.device)
    facts |= {"outcome": outcome, "message": message, "ended": now(), "session_seconds": time.monotonic() - started}
    write_json(folder.path / "provenance.json", facts, replace=True)
    return facts


def _ended(folder: RunFolder, solution: Solution) -> RunFolder:
    if solution.outcome is Outcome.DONE:
        (folder.path / "state.safetensors").unlink(missing_ok=True)
        return folder.finish()
    if solution.outcome is Outcome.TIME_LIMIT:
        raise RunFailed(f"{solution.message}\n  unfinished: {folder.path}; go on with --resume", solution)
    failed = folder.fail()
    raise RunFailed(f"{solution.message}\n  see {failed.path / 'log.txt'}", solution)
