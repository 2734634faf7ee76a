"""Reproduce published blurred images from the frames they were averaged from, byte for byte.

    python tests/benchmarks/published_blur.py FOLDER

FOLDER holds `saved_images/<clip>_st_frame-<S>_n_avg-<N>.png` and the numbered frames `videos/<clip>/<frame>.png` (at
any depth), as in github.com/jeffreywolberg/deblurring_dataset_generator (frames of the GoPro dataset, CC BY 4.0). Each
image is compared with the average of N frames from index S of the sequence on, with and without gamma 2.2; indices
count from 0 and file names from 1.
"""

import re
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from invsolve import Operator, pipeline
from invsolve_operators import CameraResponse, Linearise, Quantise, TemporalAverage

NAME = re.compile(r"(?P<clip>.+)_st_frame-(?P<first>\d+)_n_avg-(?P<count>\d+)\.png")


def averaging(frames: int) -> dict[str, Operator]:
    """The two ways in which the images may have been made."""
    return {
        "gamma 2.2": pipeline(
            Linearise(curve="gamma:2.2"),
            TemporalAverage(frames=frames),
            CameraResponse(curve="gamma:2.2"),
            Quantise(bits=8, mode="trunc"),
        ),
        "plain": pipeline(TemporalAverage(frames=frames), Quantise(bits=8, mode="trunc")),
    }


def read(path: Path) -> Tensor:
    """A picture as ``c h w`` bytes."""
    with Image.open(path) as picture:
        return torch.from_numpy(np.asarray(picture.convert("RGB")).copy()).permute(2, 0, 1)


def main(folder: Path) -> int:
    """Print a line per image and way; 1 if an image with all its frames present fits neither way."""
    unexplained = 0
    for image in sorted(folder.rglob("*_n_avg-*.png")):
        parsed = NAME.fullmatch(image.name)
        if parsed is None:
            continue
        first, count = int(parsed["first"]), int(parsed["count"])
        numbered = {int(path.stem): path for path in folder.rglob(f"videos/{parsed['clip']}/*.png")}
        window = [numbered.get(first + 1 + n) for n in range(count)]
        present = [path for path in window if path is not None]
        if len(present) < count:
            print(f"{image.name}: {len(present)} of {count} frames are there; skipped")
            continue
        clip = torch.stack([read(path) for path in present], dim=1)[None].double() / 255
        published = read(image)
        explained = False
        for way, operator in averaging(count).items():
            ours = (operator(clip)[0, :, 0] * 255).round().to(torch.int64)
            gap = (ours - published).abs()
            off, most = int((gap > 0).sum()), int(gap.max())
            fits = most <= 1 and off <= gap.numel() / 10_000
            explained |= fits
            print(
                f"{image.name}: {way:9s}  bytes that differ {off:8d} of {gap.numel()} ({off / gap.numel():.2e}), "
                f"largest difference {most:3d}, mean {float(gap.double().mean()):.4f}  {'REPRODUCED' if fits else ''}"
            )
        unexplained += not explained
    return int(unexplained > 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} FOLDER")
    sys.exit(main(Path(sys.argv[1])))
