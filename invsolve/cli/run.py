"""`invsolve run`: solve what recipes describe."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.cli.message import brief
from invsolve.cli.recipe import Overrides
from invsolve.cli.resuming import resuming
from invsolve.errors import (
    BrokenPlugin,
    CapabilityError,
    ComponentError,
    InvsolveError,
    RecipeError,
    RunFailed,
    SpaceError,
)

if TYPE_CHECKING:
    from invsolve.plugin import Catalog
    from invsolve.recipe import Recipe
    from invsolve.record.execution import Execution
    from invsolve.solving.observer import Observer

Flag = Annotated[bool, Parameter(negative="")]
Count = Annotated[int, Parameter(validator=Number(gte=1))]


def run(
    *recipe: Path,
    overrides: Overrides = (),
    out: Path = Path("runs"),
    device: str | None = None,
    threads: Count | None = None,
    resume: Flag = False,
    quiet: Flag = False,
    checkpoint_seconds: Annotated[float, Parameter(validator=Number(gte=0))] = 15.0,
) -> None:
    """Solve what recipes describe, and record each run in a folder of its own.

    Args:
        recipe: Recipe files, names of installed recipes (`invsolve recipe list`), or folders of runs to run again. A
            recipe with a sweep stands for several runs.
        overrides: PATH=VALUE, as often as needed: sampler.steps=50, noise.std=0.02, prior={use: spectral_gaussian}.
        out: Where runs are recorded: OUT/<recipe>/<time>-<hash>.
        device: cpu, cuda, cuda:1 or auto, instead of the recipe's.
        threads: Threads of torch; by default as many as the work keeps busy.
        resume: Go on with the newest unfinished run of the same problem, and skip what is finished.
        quiet: Print nothing but the folder of each run.
        checkpoint_seconds: Save the state of the run this often; 0 saves every step.
    """
    from invsolve.recipe import load

    if not recipe:
        raise RecipeError("name a recipe to run: `invsolve run deblur_photo`.")
    # every recipe is read before the first is run: a misspelt last one must not cost an hour
    recipes = [each for path in recipe for each in load(path, overrides)]
    if device is not None:
        recipes = [attrs.evolve(each, device=device) for each in recipes]
    failures: list[RunFailed] = []
    for number, each in enumerate(recipes, start=1):
        if len(recipes) > 1 and not quiet:
            print(f"[{number}/{len(recipes)}] {each.name} {each.label}".rstrip(), flush=True)
        try:
            _run(each, out, threads, resume, quiet, checkpoint_seconds)
        except RunFailed as error:
            if len(recipes) == 1:
                raise
            print(brief(str(error)), file=sys.stderr)
            failures.append(error)
    if failures:
        raise RunFailed(f"{len(failures)} of {len(recipes)} runs failed", failures[-1].solution)


def _run(recipe: "Recipe", out: Path, threads: int | None, resume: bool, quiet: bool, seconds: float) -> None:
    from invsolve.record.execution import Task, execute, made_up, require_unchanged
    from invsolve.record.footprint import memory_in_words
    from invsolve.record.run_folder import RunFolder

    unfinished = None
    task = Task.prepare(recipe)
    if resume:
        unfinished = RunFolder.newest(out, recipe.name, recipe.hash8, "partial")
        finished = RunFolder.newest(out, recipe.name, recipe.hash8, "finished")
        if unfinished is None and finished is not None:
            require_unchanged(task, finished)
            print(finished.path if quiet else f"finished already: {finished.path}")
            return
    folder = unfinished or RunFolder.create(out, recipe.name, recipe.hash8)
    for warning in made_up(recipe, task.recording):
        print(f"warning: {brief(warning)}", file=sys.stderr, flush=True)
    if not quiet:
        begun = f"{'resuming' if unfinished else 'running'} {recipe.name} {recipe.hash8} on {task.device}"
        print(f"{begun}{memory_in_words(recipe, task.problem)}", flush=True)
    try:
        done = execute(
            task,
            folder,
            command=("invsolve", *sys.argv[1:]),
            observers=observers_for(quiet),
            checkpoint_seconds=seconds,
            threads=threads,
        )
    except KeyboardInterrupt:
        print(f"\nunfinished: {folder.path}\n  go on with: {resuming('run', recipe.source, out)}", file=sys.stderr)
        raise
    except (SpaceError, ComponentError, CapabilityError, BrokenPlugin):
        # parts that only the first step could tell apart: there is nothing to keep, nor to go on with
        if unfinished is None and not (folder.path / "state.safetensors").exists():
            folder.discard()
        raise
    except InvsolveError:
        if folder.path.is_dir():
            print(f"unfinished: {folder.path}", file=sys.stderr)
        raise
    _report(done, recipe.catalog, quiet)


def observers_for(quiet: bool) -> tuple["Observer", ...]:
    """Those who show the progress of a run: a bar on a terminal, lines elsewhere, nobody if `quiet`."""
    if quiet:
        return ()
    if sys.stdout.isatty():
        from invsolve.cli.bar_progress import BarProgress

        return (BarProgress(),)
    from invsolve.cli.progress import LineProgress

    return (LineProgress(),)


def _report(done: "Execution", catalog: "Catalog", quiet: bool) -> None:
    from invsolve.record.summary import summary_text

    solution = done.solution
    if quiet:
        print(done.folder.path)
        if not solution.verdict.consistent:
            print(f"{done.folder.path}: {brief(solution.message)}", file=sys.stderr)
        return
    table = summary_text(done.values, catalog)
    print(f"{table}\n" if table else "", end="")
    print(f"{solution.ending} in {solution.seconds:.1f} s: {done.folder.path}")
    for remark in (*solution.verdict.remarks, *done.left_out):
        print(f"  {brief(remark)}")
