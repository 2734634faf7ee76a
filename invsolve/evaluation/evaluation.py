"""`Evaluation`: a recipe over many clips, in a folder of its own that it can go on in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, final

import attrs

from invsolve.errors import ReadError
from invsolve.evaluation.batch import Solved, prepared, solved
from invsolve.evaluation.clip_file import ClipFile, Kept
from invsolve.evaluation.clips import Clip
from invsolve.evaluation.identity import Identity
from invsolve.evaluation.measures import Measures
from invsolve.evaluation.motion import motion
from invsolve.figures.error_map import write_error_map
from invsolve.files.atomic import make_folder, write_text
from invsolve.files.claim import Claim
from invsolve.files.leftovers import sweep
from invsolve.parts import content_of
from invsolve.recipe import Recipe
from invsolve.record.execution import Task
from invsolve.record.reconstructed import try_metrics
from invsolve.record.threads import threaded

_UNSAFE: Final = re.compile(r"[^\w.,=+-]+")
MOST_LETTERS: Final = 60


@final
@attrs.frozen(eq=False)
class Done:
    """One clip is done: its name, what was measured (of the samples under the empty name), and whether just now.

    Attributes:
        remark: why it was solved again, where it had been solved before.
    """

    name: str
    measures: Mapping[str, Measures]
    fresh: bool
    remark: str = ""


@final
@attrs.frozen(eq=False)
class Failed:
    """The run of a batch of clips did not end well."""

    names: tuple[str, ...]
    message: str


@final
@attrs.frozen(eq=False)
class _Wanted:
    """A clip to be solved, why, where it had been solved before, and the claim on it."""

    clip: Clip
    task: Task
    remark: str
    claim: Claim


@final
@attrs.frozen(eq=False, slots=False)
class Evaluation:
    """A recipe over `clips`, kept in ``<out>/<recipe>/<hash8>/clips/<name>.nc``, the label of a sweep before the hash.

    The hash is that of its `Identity`: an evaluation goes on where the same one stopped; new weights and the clips of
    another folder begin a new one. A clip is solved again where its input holds something else than when it was solved.

    Attributes:
        recipe: one problem and how to solve it.
        clips: its inputs.
        out: where evaluations lie.
        batch: how many clips are solved together, at least 1; the results are the same.
        moving: clips whose `motion` is less are left out; None for all. Clips without a truth are then left out too.
        count: stop after so many clips; None for all.
        source: the folder of the clips; None for numbered ones.
        threads: of torch; None for as many as `threads_for` says.
        processes: how many processes share the clips, and the machine.
    """

    recipe: Recipe
    clips: Sequence[Clip]
    out: Path
    batch: int = 1
    moving: float | None = None
    count: int | None = None
    source: Path | None = None
    threads: int | None = None
    processes: int = 1

    @cached_property
    def identity(self) -> Identity:
        """What sets it apart from others."""
        return Identity.of(self.recipe, None if self.source is None else self.source.resolve())

    @property
    def folder(self) -> Path:
        """The folder of this evaluation."""
        named = self.out / self.recipe.name / self.identity.hash8
        if not self.recipe.label or named.exists():
            return named
        label = _UNSAFE.sub("_", self.recipe.label)[:MOST_LETTERS]
        return named.with_name(f"{label}-{self.identity.hash8}")

    @property
    def total(self) -> int:
        """The largest number of clips there can be."""
        return len(self.clips) if self.count is None else min(self.count, len(self.clips))

    def run(self) -> Iterator[Done | Failed]:
        """Each clip as it is done; those of an earlier session at once.

        Raises:
            WriteError: where the folder cannot be written, and what reading the clips raises.
        """
        make_folder(self.folder / "clips")
        if "error_maps" in self.recipe.outputs:
            make_folder(self.folder / "errors")
        write_text(self.folder / "resolved.yaml", self.recipe.dump(), replace=True)
        self.identity.keep(self.folder)
        sweep(self.folder)
        sweep(self.folder / "clips")
        # clips of one shape can be solved together
        waiting: dict[tuple[object, ...], list[_Wanted]] = {}
        elsewhere: list[Clip] = []
        tried = False
        try:
            for wanted in islice(self._wanted(), self.count):
                if isinstance(wanted, Done):
                    yield wanted
                    continue
                if isinstance(wanted, Clip):
                    elsewhere.append(wanted)
                    continue
                problem = wanted.task.problem
                alike = waiting.setdefault((problem.space, problem.observation.shape), [])
                alike.append(wanted)
                if not tried:
                    try_metrics(self.recipe.metrics, problem, wanted.task.recording)
                    tried = True
                if len(alike) == self.batch:
                    yield from self._solve(alike)
            for alike in waiting.values():
                yield from self._solve(alike)
        finally:
            for left in (each for alike in waiting.values() for each in alike):
                left.claim.release()
        for clip in elsewhere:
            yield from self._awaited(clip)

    def file(self, name: str) -> ClipFile:
        """The file of a clip."""
        return ClipFile(self.folder / "clips" / f"{name}.nc")

    def _wanted(self) -> "Iterator[Done | _Wanted | Clip]":
        """The clips that move enough: as done where they are, and bare where another process is at them."""
        for clip in self.clips:
            wanted = self._taken(clip, wait=False)
            if wanted is not None:
                yield wanted

    def _taken(self, clip: Clip, *, wait: bool) -> "Done | _Wanted | Clip | None":
        kept, remark = self._kept(clip)
        claim = None
        if kept is None:
            claim = Claim.take(self.folder / "clips" / f".{clip.name}.claim", wait=wait)
            if claim is None:
                return clip
            # another process may have been done with it just before
            kept, remark = self._kept(clip)
        if kept is not None:
            if claim is not None:
                claim.release()
            return Done(clip.name, kept.measures, False) if self._moves(kept.motion) else None
        assert claim is not None
        try:
            task = prepared(clip)
            wanted = _Wanted(clip, task, remark, claim) if self.moving is None or self._moves(motion(task)) else None
        except BaseException:
            claim.release()
            raise
        if wanted is None:
            claim.release()
        return wanted

    def _moves(self, by: float) -> bool:
        return self.moving is None or by >= self.moving

    def _awaited(self, clip: Clip) -> Iterator[Done | Failed]:
        """A clip that another process was at: its result, or what comes of it here, where it gave up."""
        wanted = self._taken(clip, wait=True)
        if isinstance(wanted, Done):
            yield wanted
        elif isinstance(wanted, _Wanted):
            yield from self._solve([wanted])

    def _kept(self, clip: Clip) -> tuple[Kept | None, str]:
        """What is kept of a clip, if it is whole and of the same input; else why it is not taken."""
        file = self.file(clip.name)
        if not file.path.is_file():
            return None, ""
        try:
            kept = file.kept()
        except ReadError:
            return None, f"what was kept of {clip.name} is damaged; it is solved again"
        if "clip_videos" in self.recipe.outputs and not kept.videos:
            return None, f"{clip.name} was kept without its videos; it is solved again"
        if kept.content == content_of(clip.recipe.input):
            return kept, ""
        return None, f"{clip.name} was solved of another input before; it is solved again"

    def _solve(self, waiting: "list[_Wanted]") -> Iterator[Done | Failed]:
        """Solve, keep and give up what waits; the list is empty afterwards."""
        if not waiting:
            return
        try:
            tasks = [each.task for each in waiting]
            with threaded(self.threads, sum(task.values for task in tasks), self.processes) as threads:
                results, message = solved([each.clip for each in waiting], tasks)
            if not results:
                yield Failed(tuple(each.clip.name for each in waiting), message)
            for result, wanted in zip(results, waiting, strict=False):
                self._keep(result, threads)
                yield Done(result.clip.name, result.measures, True, wanted.remark)
        finally:
            for each in waiting:
                each.claim.release()
            waiting.clear()

    def _keep(self, result: Solved, threads: int) -> None:
        name, task = result.clip.name, result.task
        if "error_maps" in self.recipe.outputs:
            write_error_map(self.folder / "errors" / f"{name}.png", result.reconstruction)
        self.file(name).write(
            result.reconstruction,
            result.baselines,
            task.recording,
            result.measures,
            {
                "recipe": self.recipe.name,
                "clip": result.clip.name,
                "number": result.clip.number,
                "input_sha256": task.recording.sha256,
                "content": content_of(result.clip.recipe.input),
                "motion": motion(task),
                "threads": threads,
            },
            videos="clip_videos" in self.recipe.outputs,
        )
