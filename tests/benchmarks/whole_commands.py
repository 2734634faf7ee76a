"""Whole commands against an earlier checkout, side by side: CPU time, peak memory, and the numbers they give.

    python -m tests.benchmarks.whole_commands ../earlier --megapixels 1.5 --rounds 2
    python -m tests.benchmarks.whole_commands ../earlier --clips 4

with a worktree of the earlier state, such as `git worktree add ../earlier c9eee21`. The first photograph is `coffee`,
enlarged; clips are ten frames of blocksworld in the closed form of a spectral prior, whose solve takes next to nothing:
what is left is what `evaluate` does beside the solve.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, final

import attrs

HERE = Path(__file__).parents[2]
PACKAGES = ("", "operators", "priors", "plugins/samplers", "plugins/blocksworld")
CLIPS = """\
recipe: 1
input: {read: simulate, from: {read: blocksworld, split: test, frames: 10}}
operator: {use: temporal_average, frames: 10}
prior: {use: spectral_gaussian}
sampler: {use: diffusion, steps: 2, kernel: {use: ddim}, guidance: {use: pigdm}}
samples: 4
"""


@final
@attrs.frozen
class Spent:
    """CPU time [s] and the most memory [MiB] of a command."""

    seconds: float
    memory: float


def run(checkout: Path, *words: str) -> Spent:
    """Run a command of invsolve as it is in `checkout`, on one thread."""
    path = os.pathsep.join(str(checkout / package) for package in PACKAGES)
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "invsolve", *words],
        {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
    )
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"invsolve {' '.join(words)} of {checkout} failed")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def photograph(path: Path, megapixels: float) -> None:
    """`coffee`, 3 to 2, enlarged to so many pixels."""
    from PIL import Image
    from skimage import data

    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    Image.fromarray(data.coffee()).resize((height * 3 // 2, height), Image.Resampling.LANCZOS).save(path)


def deblurred(checkout: Path, folder: Path, picture: Path) -> tuple[Spent, dict[str, Any]]:
    """What deblurring a photograph takes, and its metrics."""
    out = Path(tempfile.mkdtemp(dir=folder))
    words = (
        "--set",
        f"input.from={{read: image, path: {picture}}}",
        "--set",
        "samples=2",
        "--out",
        str(out),
        "--quiet",
    )
    spent = run(checkout, "run", str(checkout / "recipes" / "deblur_photo.yaml"), *words)
    (metrics,) = out.glob("*/*/metrics.json")
    return spent, json.loads(metrics.read_text(encoding="utf-8"))


def evaluated(checkout: Path, folder: Path, clips: int) -> Spent:
    """What an evaluation of so many clips takes."""
    recipe = folder / "clips.yaml"
    recipe.write_text(CLIPS, encoding="utf-8")
    return run(
        checkout, "evaluate", str(recipe), "--clips", f"0..{clips}", "--out", tempfile.mkdtemp(dir=folder), "--quiet"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="a checkout of the earlier state")
    parser.add_argument("--megapixels", type=float, default=0.0)
    parser.add_argument("--clips", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    checkouts = {"before": given.before.resolve(), "now": HERE}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.megapixels:
            picture = folder / "photograph.png"
            photograph(picture, given.megapixels)
            rounds = [
                {who: deblurred(at, folder, picture) for who, at in checkouts.items()} for _ in range(given.rounds)
            ]
            told("deblur_photo", [{who: spent for who, (spent, _) in each.items()} for each in rounds])
            for who, (_, metrics) in rounds[0].items():
                print(f"  {who}: PSNR {metrics['psnr']}, chi-square {metrics['reblur_chi_square']}")
        if given.clips > 1:
            few = [{who: evaluated(at, folder, 1) for who, at in checkouts.items()} for _ in range(given.rounds)]
            many = [
                {who: evaluated(at, folder, given.clips) for who, at in checkouts.items()} for _ in range(given.rounds)
            ]
            told("evaluate, one clip", few)
            more = given.clips - 1
            told(
                "evaluate, each clip more",
                [
                    {who: Spent((all_[who].seconds - one[who].seconds) / more, all_[who].memory) for who in checkouts}
                    for one, all_ in zip(few, many, strict=True)
                ],
            )


def told(what: str, rounds: list[dict[str, Spent]]) -> None:
    """Print medians over rounds, and their ratios."""
    found = {
        who: Spent(
            *(statistics.median(getattr(each[who], field) for each in rounds) for field in ("seconds", "memory"))
        )
        for who in rounds[0]
    }
    before, now = found["before"], found["now"]
    print(
        f"{what}: {before.seconds:.2f} s and {before.memory:.0f} MiB before,"
        f" {now.seconds:.2f} s and {now.memory:.0f} MiB now:"
        f" {before.seconds / now.seconds:.1f} times less time, {before.memory / now.memory:.2f} times less memory",
        flush=True,
    )


if __name__ == "__main__":
    main()
