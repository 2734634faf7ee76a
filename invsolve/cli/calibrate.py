"""`invsolve calibrate`: are a recipe's samples those of the posterior?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.cli.recipe import Overrides
from invsolve.cli.resuming import resuming
from invsolve.errors import InvsolveError, UsageError

if TYPE_CHECKING:
    from invsolve.calibration.task import CalibrationTask
    from invsolve.video.space import VideoSpace

Flag = Annotated[bool, Parameter(negative="")]
UNCALIBRATED: Final = 3


def calibrate(
    recipe: Path,
    *,
    overrides: Overrides = (),
    draws: int = 200,
    samples: int = 31,
    size: str | None = None,
    out: Path = Path("calibration"),
    device: str | None = None,
    threads: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    resume: Flag = False,
    quiet: Flag = False,
) -> int:
    """Simulation-based calibration: draw truths from the prior, observe and solve them, and rank each truth.

    Only the operator, the noise, the prior, the sampler and the seed of the recipe are used. Its observation is
    replaced by simulated ones; its input is read for its size alone. If the samples are those of the posterior, the
    rank of the truth among them is uniform for every quantity: pixel values, projections on directions that the
    operator sees and does not see, brightness, and the likelihood of the observation. Their histograms tell what is
    wrong: a U says that samples spread too little, a hill too far, a slope that they are shifted.

    Exit code: 0 calibrated as far as the draws can tell, 3 not calibrated.

    Args:
        recipe: A recipe file, the name of an installed recipe, or the folder of a run.
        overrides: PATH=VALUE, as often as needed: sampler.steps=50, operator.0.frames=4.
        draws: Simulated truths: 200 show a variance of half the right one, 500 one of two thirds.
        samples: Of the posterior for each truth; one more must divide into 4 to 20 bins: 15, 19, 31, 63.
        size: FRAMESxHEIGHTxWIDTHxCHANNELS of the videos, such as 8x16x16x1, instead of the size of the input.
        out: Where studies are recorded: OUT/<recipe>/<time>-<hash>.
        device: cpu, cuda, cuda:1 or auto, instead of the recipe's.
        threads: Threads of torch; by default as many as the work keeps busy.
        resume: Go on with the newest unfinished study of the same problem.
        quiet: Print nothing but the folder.
    """
    from invsolve.calibration.calibrate import check_counts
    from invsolve.calibration.task import CalibrationTask
    from invsolve.recipe import load

    check_counts(draws, samples)
    space = None if size is None else _space(size)
    recipes = load(recipe, overrides)
    if device is not None:
        recipes = tuple(attrs.evolve(each, device=device) for each in recipes)
    calibrated = True
    for each in recipes:
        if not quiet:
            print(f"calibrating {each.name} {each.label}".rstrip(), flush=True)
        calibrated &= _calibrated(CalibrationTask.prepare(each, draws, samples, space), out, threads, resume, quiet)
    return 0 if calibrated else UNCALIBRATED


def _calibrated(task: "CalibrationTask", out: Path, threads: int | None, resume: bool, quiet: bool) -> bool:
    from invsolve.calibration.report import report_text
    from invsolve.cli.progress import LineProgress
    from invsolve.record.run_folder import RunFolder

    name, hash8 = task.recipe.name, task.hash8
    unfinished = RunFolder.newest(out, name, hash8, "partial") if resume else None
    folder = unfinished or RunFolder.create(out, name, hash8)
    try:
        tell = _silent if quiet else LineProgress("draw").tell
        folder, found = task.run(folder, ("invsolve", *sys.argv[1:]), tell, threads)
    except (InvsolveError, KeyboardInterrupt):
        print(
            f"unfinished: {folder.path}\n  go on with: {resuming('calibrate', task.recipe.source, out)}",
            file=sys.stderr,
        )
        raise
    print(folder.path if quiet else f"{report_text(found.data())}\n  {folder.path / 'ranks.png'}")
    return found.calibrated


def _space(size: str) -> "VideoSpace":
    from invsolve.video.space import VideoSpace

    try:
        frames, height, width, channels = (int(part) for part in size.split("x"))
    except ValueError:
        raise UsageError(f"--size is FRAMESxHEIGHTxWIDTHxCHANNELS, such as 8x16x16x1, got {size!r}.") from None
    return VideoSpace(frames=frames, height=height, width=width, channels=channels)


def _silent(done: int, draws: int) -> None:
    """Say nothing."""
