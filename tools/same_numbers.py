"""Do two checkouts give the same numbers, bit for bit? Every shipped recipe, at a small size, is run by both.

    python tools/same_numbers.py ../other-checkout               # the shipped recipes
    python tools/same_numbers.py ../other-checkout --parts       # and every sampler, kernel and guidance rule by itself

Each checkout has its own `.venv` and runs its own recipes. Prints one line for each run: the arrays of both
`solution.nc` compared value by value, or how both ended where neither finished. Exit status 1 where anything differs.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from invsolve.plugin import Catalog

HERE = Path(__file__).parents[1]
SMALL: Mapping[str, tuple[str, ...]] = {
    "blocksworld_clip": ("sampler.steps=4",),
    "cogvideox_deblur": (
        "prior.path={tiny}/cogvideox",
        "input.size=null",
        "input.crop=32x48",
        "operator.frames=9",
        "sampler.steps=2",
    ),
    "cogvideox_past_present_future": (
        "prior.path={tiny}/cogvideox",
        "input.size=null",
        "input.crop=32x48",
        "sampler.steps=2",
    ),
    "deblur_photo": ("input.from.crop=48x72", "samples=2"),
    "deblur_rendered": ("input.from.height=48", "input.from.width=72", "operator.size=9", "samples=2"),
    "interpolate": ("input.from.height=48", "input.from.width=72", "samples=2"),
    "modelscope_video_deblur": (
        "prior.path={tiny}/unet3d",
        "input.from.height=32",
        "input.from.width=32",
        "input.from.frames=5",
        "sampler.steps=2",
    ),
    "vdm_md": ("sampler.steps=4", "samples=1"),
    "vdm_md_fast": ("sampler.sampler.sampler.steps=8", "sampler.sampler.rounds=[2, 4]", "samples=1"),
    "vdm_md_linear_light": ("sampler.sampler.sampler.steps=8", "sampler.sampler.rounds=[2, 4]", "samples=1"),
    "vdm_md_mismatch_less_smooth": ("sampler.sampler.sampler.steps=8", "sampler.sampler.rounds=[2, 4]", "samples=1"),
    "vdm_md_mismatch_smooth": ("sampler.sampler.sampler.steps=8", "sampler.sampler.rounds=[2, 4]", "samples=1"),
    "video_deblur": ("sampler.sampler.sampler.steps=8", "sampler.sampler.rounds=[2, 4]", "samples=1"),
}
"""Settings that make each shipped recipe small; a recipe that is not listed runs as it stands."""

PART = """\
recipe: 1
input: {{read: simulate, from: {{read: sample, name: coffee, crop: 16x24}}}}
operator: {{use: convolution, kernel: gaussian, std: 1.0}}
noise: {{use: gaussian, std: 0.02}}
prior: {{use: spectral_gaussian, std: 0.5}}
sampler: {sampler}
samples: 2
seed: 0
dtype: float64
metrics: [reblur]
"""


def main() -> int:
    """Run both checkouts over all recipes; 0 where all agree."""
    parser = argparse.ArgumentParser(description="Compare the numbers of this checkout with another's, bit for bit.")
    parser.add_argument("other", type=Path, help="a checkout with its own .venv")
    parser.add_argument("--parts", action="store_true", help="also every sampler, kernel and guidance rule by itself")
    parser.add_argument("--only", metavar="WORD", default="", help="only runs whose name holds this word")
    chosen = parser.parse_args()
    other = chosen.other.resolve()
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for family in ("cogvideox", "unet3d"):
            _command(HERE, place, "weights", "tiny", family, str(place / family))
        runs = dict(_shipped(place)) | (dict(_parts(place)) if chosen.parts else {})
        for name, arguments in runs.items():
            if chosen.only not in name:
                continue
            if arguments[0].startswith("recipes/") and not (other / arguments[0]).is_file():
                print(f"{name:<32} only here", flush=True)
            else:
                verdict = _compared(place, name, arguments, other)
                different += verdict.startswith("DIFFERENT")
                print(f"{name:<32} {verdict}", flush=True)
    print(f"{different} of the runs differ" if different else "all the same, bit for bit")
    return 1 if different else 0


def _shipped(place: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for recipe in sorted((HERE / "recipes").glob("*.yaml")):
        settings = SMALL.get(recipe.stem, ())
        flags = (flag for each in settings for flag in ("--set", each.format(tiny=place)))
        yield recipe.stem, (f"recipes/{recipe.name}", *flags)


def _parts(place: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    catalogue = Catalog.discover()
    for kind, text in (
        ("sampler", "{{use: {name}}}"),
        ("kernel", "{{use: diffusion, steps: 4, kernel: {{use: {name}}}}}"),
        ("guidance", "{{use: diffusion, steps: 4, kernel: {{use: ddim, eta: 1.0}}, guidance: {{use: {name}}}}}"),
    ):
        for name in catalogue.names(kind):
            path = place / f"{kind}-{name}.yaml"
            path.write_text(PART.format(sampler=text.format(name=name)), encoding="utf-8")
            yield path.stem, (str(path),)


def _compared(place: Path, name: str, arguments: tuple[str, ...], other: Path) -> str:
    ends = []
    for side, checkout in (("here", HERE), ("there", other)):
        out = place / side / name
        done = _command(checkout, checkout, "run", *arguments, "--quiet", "--device", "cpu", "--out", str(out))
        found = sorted(out.rglob("solution.nc"))
        ends.append((done.returncode, found[0] if found else None, done.stderr.strip().splitlines()[:1]))
    (here, ours, said), (there, theirs, _) = ends
    if here != there or (ours is None) != (theirs is None):
        return f"DIFFERENT: exit status {here} here, {there} there ({' '.join(said)})"
    if ours is None or theirs is None:
        return f"neither finishes ({' '.join(said)})"
    return _arrays(ours, theirs)


def _arrays(ours: Path, theirs: Path) -> str:
    with xr.open_dataset(ours) as here, xr.open_dataset(theirs) as there:
        names = sorted(str(name) for name in {*here.variables, *there.variables})
        gaps = {name: _gap(here, there, name) for name in names}
    bad = [f"{name} ({gap})" for name, gap in gaps.items() if gap]
    return f"DIFFERENT: {', '.join(bad)}" if bad else f"same ({len(names)} arrays)"


def _gap(here: xr.Dataset, there: xr.Dataset, name: str) -> str:
    if name not in here.variables or name not in there.variables:
        return "in one of them only"
    ours, theirs = here[name].values, there[name].values
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{ours.dtype} {ours.shape} here, {theirs.dtype} {theirs.shape} there"
    numbers = ours.dtype.kind == "f"
    if np.array_equal(ours, theirs, equal_nan=numbers):
        return ""
    return f"by up to {np.nanmax(np.abs(ours - theirs)):.3g}" if numbers else "other values"


def _command(checkout: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = checkout / ".venv" / "bin" / "invsolve"
    return subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
