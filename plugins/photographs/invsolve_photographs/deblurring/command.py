"""`invsolve deblur`: from one blurred photograph to the video that caused it."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

Count = Annotated[int, Parameter(validator=Number(gte=1))]
Beside = Annotated[int, Parameter(validator=Number(gte=0))]
Flag = Annotated[bool, Parameter(negative="")]


def deblur(
    photo: Path,
    *,
    frames: Count = 7,
    past: Beside = 0,
    future: Beside = 0,
    samples: Count = 4,
    seed: Beside = 0,
    out: Path = Path("runs"),
    longest_side: Annotated[int, Parameter(validator=Number(gte=64))] = 1280,
    weights: Path | None = None,
    anyway: Flag = False,
    quiet: Flag = False,
) -> None:
    """Find the video behind a motion-blurred photograph, without a recipe.

    OUT/<photo>/<time>-<hash>/ holds what `invsolve run` leaves (frames/sample-0/*.png, video.mp4, solution.nc, the
    recipe), and sharp.png, motion.png, ambiguity.png, uncertainty.png, overview.png and photograph.json.

    Where motion does not explain the photograph (it is sharp, out of focus, or moves too far) that is said, and nothing
    is written.

    Args:
        photo: The photograph: PNG, JPEG, TIFF, WebP and others, 8 or 16 bits, any size.
        frames: Frames to divide the exposure into.
        past: As many frames before the exposure.
        future: As many frames after it.
        samples: Videos to draw: their motion differs where the photograph leaves it open.
        seed: Another one gives other samples.
        out: Where runs are recorded.
        longest_side: Larger photographs are made smaller, to this many pixels along their longest side.
        weights: A model file that `invsolve train` wrote, instead of the installed one.
        anyway: Go on where motion does not explain the photograph.
        quiet: Print nothing but the folder.
    """
    from invsolve.cli.run import observers_for
    from invsolve_photographs.deblurring.run import Deblurring

    say = _silent if quiet else _say
    wanted = Deblurring(
        photograph=photo,
        frames=frames,
        past=past,
        future=future,
        samples=samples,
        seed=seed,
        longest_side=longest_side,
        weights=weights,
    )
    folder = wanted.run(
        out, anyway=anyway, command=("invsolve", *sys.argv[1:]), say=say, observers=observers_for(quiet)
    )
    _say(str(folder) if quiet else f"done: {folder}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _silent(_: str) -> None:
    return None
