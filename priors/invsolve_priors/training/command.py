"""`invsolve train`: train an autoencoder or a transformer, or go on where training stopped."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.cli.recipe import Overrides

Flag = Annotated[bool, Parameter(negative="")]


def train(
    recipe: Path,
    *,
    overrides: Overrides = (),
    out: Path = Path("runs/training"),
    device: str = "cpu",
    stop_after: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    quiet: Flag = False,
) -> None:
    """Train what a recipe describes, and write its model file.

    OUT/<recipe>/ holds the recipe, record.jsonl, the checkpoint, log.jsonl, pictures and, at the end,
    model.safetensors. Training continues from a checkpoint there; on a CPU the result is bit for bit that of an
    uninterrupted training. Several devices share every batch:

        accelerate launch --num-processes 4 -m invsolve train RECIPE --device cuda

    Args:
        recipe: A training recipe, or the name of an installed one.
        overrides: PATH=VALUE, as often as needed: course.steps=1000, diffusion.autoencoder=model.safetensors.
        out: Where the training and the clips it reads are kept.
        device: cpu, cuda or cuda:1.
        stop_after: Leave after this many steps, with a checkpoint.
        quiet: Print nothing.
    """
    from invsolve.files.atomic import make_folder
    from invsolve.files.claim import claimed
    from invsolve.files.leftovers import sweep
    from invsolve.recipe.named import recipe_file
    from invsolve_priors.training.loop import CHECKPOINT, LOG
    from invsolve_priors.training.loop import train as run
    from invsolve_priors.training.processes import Processes
    from invsolve_priors.training.recipe import read_recipe
    from invsolve_priors.training.setup import facts_of, identity, task_of, write_record

    recipe = recipe_file(recipe)
    read = read_recipe(recipe, overrides)
    folder = out / recipe.stem
    facts = facts_of(recipe)
    processes = Processes.joined(device)
    say = _say if processes.is_main and not quiet else _silent
    make_folder(folder)
    # of several processes that train together, one claims the folder for all
    with claimed(folder, "Wait for it, or give another --out.") if processes.is_main else nullcontext():
        sweep(folder)
        with processes.main_process_first():
            task = task_of(read, out, folder, facts, str(processes.device))
        if processes.is_main:
            write_record(folder, recipe, identity(read), facts)
        if (folder / CHECKPOINT).exists():
            say(f"going on from {folder / CHECKPOINT}")
        run(
            task,
            read.course,
            read.optimisation,
            seed=read.seed,
            recipe=identity(read),
            folder=folder,
            processes=processes,
            stop_after=stop_after,
            say=say,
        )
    say(f"the log is {folder / LOG}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _silent(_: str) -> None:
    return None
