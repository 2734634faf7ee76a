"""`invsolve evaluate`: how good a recipe is, over many clips."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.cli.message import brief
from invsolve.cli.recipe import Overrides
from invsolve.errors import RecipeError, RunFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invsolve.evaluation.evaluation import Evaluation
    from invsolve.evaluation.measures import Measures
    from invsolve.evaluation.summary import Summary
    from invsolve.recipe import Recipe

Flag = Annotated[bool, Parameter(negative="")]
Count = Annotated[int, Parameter(validator=Number(gte=1))]


def evaluate(
    *recipe: Path,
    clips: str | None = None,
    folder: Path | None = None,
    overrides: Overrides = (),
    out: Path = Path("runs/evaluation"),
    batch: Count = 1,
    moving: Annotated[float | None, Parameter(validator=Number(gte=0))] = None,
    count: Count | None = None,
    device: str | None = None,
    workers: Count = 1,
    threads: Count | None = None,
    quiet: Flag = False,
) -> None:
    """Solve a recipe for many clips and write tables, pictures and metrics.json; go on where it was stopped.

    Everything lies in OUT/<recipe>/<hash>; several recipes also have a joint table, OUT/compare.md, or one beside it
    where that is of other evaluations. Clips that are there already are not solved again; the hash changes with the
    recipe, its baselines, its weights and --folder.

    Args:
        recipe: Recipe files, or names of installed recipes. A recipe with a sweep stands for several.
        clips: A..B: clips A to B - 1 of the recipe's reader, which has a field `index` that counts them, such as
            blocksworld.
        folder: Instead of --clips: everything in a folder, each read as the recipe reads its `path`.
        overrides: PATH=VALUE, as often as needed: samples=8, sampler.steps=50.
        out: Where evaluations are kept.
        batch: Clips solved together: faster, with the same result; their samples are in flight at the same time.
        moving: Leave out clips whose blurred image is nearer than this (root mean square) to the middle frame: 0.01.
        count: Stop after so many clips.
        device: cpu, cuda, cuda:1 or auto, instead of the recipe's.
        workers: Processes that share the clips, which are then solved one by one; the numbers are those of one process
            with as many threads.
        threads: Threads of torch in each process; by default as many as the work keeps busy, of its share of the cores.
        quiet: Print nothing but the folder of each recipe.
    """
    from invsolve.evaluation.joint_files import write_joint_files
    from invsolve.evaluation.joint_table import Evaluated, JointTable, place_of
    from invsolve.recipe import load

    if not recipe:
        raise RecipeError("name a recipe: `invsolve evaluate vdm_md_fast --clips 0..20`.")
    if workers > 1 and batch > 1:
        raise UsageError(f"--workers {workers} solves clips one by one, --batch {batch} together: choose one of them.")
    recipes = [each for path in recipe for each in load(path, overrides)]
    if device is not None:
        recipes = [attrs.evolve(each, device=device) for each in recipes]
    found = [_evaluation(each, clips, folder, out, batch, moving, count) for each in recipes]
    evaluations = [attrs.evolve(each, threads=threads, processes=workers) for each in found]
    failures, evaluated = [], []
    for each in evaluations:
        summary, failed = _evaluate(each, quiet, alone=len(evaluations) == 1)
        failures += failed
        if summary.clips:
            evaluated.append(Evaluated.of(each.recipe, summary))
    if len(evaluated) > 1:
        table = JointTable.of(evaluated)
        place, line = place_of(out, [each.identity.hash8 for each in evaluations])
        write_joint_files(place, table, line)
        print(place if quiet else f"{table.markdown}\n{place}")
    if failures:
        raise RunFailed(
            f"{len(failures)} clips failed, and are not among the numbers:\n  " + "\n  ".join(failures), None
        )


def _evaluation(
    recipe: "Recipe",
    clips: str | None,
    folder: Path | None,
    out: Path,
    batch: int,
    moving: float | None,
    count: int | None,
) -> "Evaluation":
    from invsolve.evaluation.clips import folder_clips, numbered_clips, parse_range
    from invsolve.evaluation.evaluation import Evaluation

    if (clips is None) == (folder is None):
        raise RecipeError("name the clips: `--clips 0..200`, or `--folder DIR`.")
    chosen = folder_clips(recipe, folder) if folder is not None else numbered_clips(recipe, parse_range(clips or ""))
    return Evaluation(recipe, chosen, out, batch, moving, count, folder)


def _evaluate(evaluation: "Evaluation", quiet: bool, *, alone: bool) -> tuple["Summary", list[str]]:
    """One recipe: what was measured, and a line for each clip that failed. Its table is printed if it is `alone`."""
    from invsolve.cli.evaluation_progress import EvaluationProgress
    from invsolve.evaluation.evaluation import Done
    from invsolve.evaluation.measures import table_scores
    from invsolve.evaluation.report import write_report
    from invsolve.evaluation.summary import Summary
    from invsolve.evaluation.workers import Died, run_in_workers
    from invsolve.record.provenance import now

    measures: dict[str, Mapping[str, Measures]] = {}
    failures = []
    if reason := evaluation.identity.begins_anew(evaluation.folder):
        print(f"{evaluation.recipe.name}: {reason}", file=sys.stderr, flush=True)
    with EvaluationProgress.start(evaluation.recipe.name, evaluation.total, quiet) as progress:
        several = evaluation.processes > 1
        for each in run_in_workers(evaluation, evaluation.processes) if several else evaluation.run():
            if isinstance(each, Died):
                print(f"{evaluation.recipe.name}: {brief(each.message)}; its clips go to others", file=sys.stderr)
                continue
            progress.show(each)
            if isinstance(each, Done):
                measures[each.name] = each.measures
            else:
                failures += [f"{evaluation.recipe.name} {name}: {each.message}" for name in each.names]
    # in the order of the clips, whoever was done first
    measures = {clip.name: measures[clip.name] for clip in evaluation.clips if clip.name in measures}
    summary = Summary(measures, table_scores(evaluation.recipe.metrics))
    if measures:
        facts = {"command": ["invsolve", *sys.argv[1:]], "ended": now(), "invsolve": version("invsolve")}
        write_report(evaluation, summary, facts)
    if quiet:
        print(evaluation.folder)
    elif measures and not alone:
        # the joint table has it all
        print(f"{evaluation.recipe.name} {evaluation.recipe.label}".strip() + f": {evaluation.folder}")
    else:
        label = f"{evaluation.recipe.name} {evaluation.recipe.label}".strip()
        print(f"\n{summary.table(label)}\n{evaluation.folder}" if measures else f"no clips: {evaluation.folder}")
    sys.stdout.flush()
    return summary, failures
