"""`invsolve interpolate`: frames between the frames of a clip."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.cli.recipe import Overrides

Count = Annotated[int, Parameter(validator=Number(gte=1))]
Flag = Annotated[bool, Parameter(negative="")]


def interpolate(
    clip: Path,
    *,
    times: str = "2",
    frames: str | None = None,
    longest_side: Annotated[int | None, Parameter(validator=Number(gte=16))] = None,
    samples: Count = 2,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    overrides: Overrides = (),
    out: Path = Path("runs"),
    quiet: Flag = False,
) -> None:
    """Find frames between the frames of a clip, by optical flow in both directions, with their uncertainty.

    OUT/<clip>/<time>-<hash>/ holds what `invsolve run` leaves, with the recipe that was run, and the clip with its new
    frames: interpolated.mp4 and interpolated/*.png, the mean of the samples; interpolation.json has the times.

    Args:
        clip: A video, a folder of pictures, or arrays; `invsolve inspect` says what it is taken for.
        times: 4: four times as many frames. 0.25,0.5 or 1/3,2/3: at these times between any two frames.
        frames: Which frames of the clip are used, 0..24; all by default.
        longest_side: Make the clip smaller until no side is longer [pixels].
        samples: Clips to draw; they show how sure each pixel is.
        seed: Another one gives other samples.
        overrides: PATH=VALUE, as often as needed: input.key=video, sampler.flow={use: still}, noise.std=0.02.
        out: Where runs are recorded.
        quiet: Print nothing but the folder.
    """
    from invsolve.cli.message import brief
    from invsolve.cli.run import observers_for
    from invsolve_samplers.interpolation.interpolating import Interpolating
    from invsolve_samplers.interpolation.times import Times

    wanted = Interpolating(
        clip=clip,
        times=Times.parse(times),
        frames=frames,
        longest_side=longest_side,
        samples=samples,
        seed=seed,
        overrides=overrides,
    )
    task = wanted.prepared()
    space = task.problem.space
    if not quiet:
        seen = task.recording.space.frames
        _say(f"{seen} frames of {space.width} x {space.height}, {space.frames} with those between them")
    done = wanted.run(task, out, command=("invsolve", *sys.argv[1:]), observers=observers_for(quiet))
    if quiet:
        _say(str(done.folder.path))
        return
    for remark in (*done.solution.verdict.remarks, *done.left_out):
        _say(f"  {brief(remark)}")
    _say(f"done in {done.solution.seconds:.1f} s: {done.folder.path / 'interpolated'}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
