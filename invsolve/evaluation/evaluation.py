"""`Evaluation`: a recipe over many clips, in a folder of its own that it can go on in."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import final

import attrs

from invsolve.evaluation.batch import Solved, prepared, solved
from invsolve.evaluation.clip_file import ClipFile
from invsolve.evaluation.clips import Clip
from invsolve.evaluation.identity import Identity
from invsolve.evaluation.measures import Measures
from invsolve.evaluation.motion import motion
from invsolve.figures.error_map import write_error_map
from invsolve.files.atomic import make_folder, write_text
from invsolve.parts import content_of
from invsolve.recipe import Recipe
from invsolve.record.execution import Task


@final
@attrs.frozen(eq=False)
class Done:
    """One clip is done: its name, what was measured (of the samples under the empty name), and whether just now.

    - ``remark``: why it was solved again, where it had been solved before.
    """

    name: str
    measures: dict[str, Measures]
    fresh: bool
    remark: str = ""


@final
@attrs.frozen(eq=False)
class Failed:
    """The run of a batch of clips did not end well."""

    names: tuple[str, ...]
    message: str


@final
@attrs.frozen(eq=False, slots=False)
class Evaluation:
    """A recipe over `clips`, kept in ``<out>/<recipe>/<hash8>/clips/<name>.nc``.

    The hash is that of its `Identity`: an evaluation goes on where the same one stopped; new weights and the clips of
    another folder begin a new one. A clip is solved again where its input holds something else than when it was solved.

    - ``recipe``: one problem and how to solve it.
    - ``clips``: its inputs.
    - ``out``: where evaluations lie.
    - ``batch``: how many clips are solved together, at least 1; the results are the same.
    - ``moving``: clips whose `motion` is less are left out; None for all. Clips without a truth are then left out too.
    - ``count``: stop after so many clips; None for all.
    - ``source``: the folder of the clips; None for numbered ones.
    """

    recipe: Recipe
    clips: Sequence[Clip]
    out: Path
    batch: int = 1
    moving: float | None = None
    count: int | None = None
    source: Path | None = None

    @cached_property
    def identity(self) -> Identity:
        """What sets it apart from others."""
        return Identity.of(self.recipe, None if self.source is None else self.source.resolve())

    @property
    def folder(self) -> Path:
        """The folder of this evaluation."""
        return self.out / self.recipe.name / self.identity.hash8

    @property
    def total(self) -> int:
        """The largest number of clips there can be."""
        return len(self.clips) if self.count is None else min(self.count, len(self.clips))

    def run(self) -> Iterator[Done | Failed]:
        """Each clip as it is done; those of an earlier session at once.

        Raises `WriteError` where the folder cannot be written, and what reading the clips raises.
        """
        make_folder(self.folder / "clips")
        make_folder(self.folder / "errors")
        write_text(self.folder / "resolved.yaml", self.recipe.dump(), replace=True)
        self.identity.keep(self.folder)
        # clips of one shape can be solved together
        waiting: dict[tuple[object, ...], list[tuple[Clip, Task]]] = {}
        for clip, task in islice(self._wanted(), self.count):
            if task is None:
                yield Done(clip.name, self.file(clip.name).measures(), False)
                continue
            key = (task.problem.space, task.problem.observation.shape)
            alike = waiting.setdefault(key, [])
            alike.append((clip, task))
            if len(alike) == self.batch:
                yield from self._solve(waiting.pop(key))
        for alike in waiting.values():
            yield from self._solve(alike)

    def file(self, name: str) -> ClipFile:
        """The file of a clip."""
        return ClipFile(self.folder / "clips" / f"{name}.nc")

    def _wanted(self) -> Iterator[tuple[Clip, Task | None]]:
        """The clips that move enough; without a task where they are done already."""
        for clip in self.clips:
            file = self.file(clip.name)
            if file.path.is_file() and file.dataset().attrs.get("content") == content_of(clip.recipe.input):
                if self.moving is None or file.dataset().attrs["motion"] >= self.moving:
                    yield clip, None
                continue
            task = prepared(clip)
            if self.moving is None or motion(task) >= self.moving:
                yield clip, task

    def _solve(self, waiting: list[tuple[Clip, Task]]) -> Iterator[Done | Failed]:
        clips, tasks = zip(*waiting, strict=True)
        results, message = solved(clips, tasks)
        if not results:
            yield Failed(tuple(clip.name for clip in clips), message)
        for result in results:
            again = self.file(result.clip.name).path.is_file()
            self._keep(result)
            remark = f"{result.clip.name} was solved of another input before; it is solved again" if again else ""
            yield Done(result.clip.name, dict(result.measures), True, remark)

    def _keep(self, result: Solved) -> None:
        name, task = result.clip.name, result.task
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
            },
        )
