"""Build every distribution of the repository, check the archives, install them into a new environment and run a recipe.

python tools/dist.py              # all of it; what is built lies in dist/
python tools/dist.py --build      # no installation
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DIST: Final = ROOT / "dist"
LICENCES: Final = ("LICENSE", "NOTICE")
RECIPE: Final = "photo_to_video"
LARGEST_SDIST: Final = 20 * 2**20
"""Bytes of the toolkit's own sdist; a plugin's weights in it would be more."""


def main() -> None:
    """Build, check, install, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", action="store_true", help="build and check only")
    only_build = parser.parse_args().build
    projects = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
    build(projects)
    check(projects)
    if not only_build:
        with tempfile.TemporaryDirectory() as folder:
            install_and_run(Path(folder))


def build(projects: Sequence[Path]) -> None:
    """An sdist of each project, and a wheel made of the sdist, as an index would."""
    shutil.rmtree(DIST, ignore_errors=True)
    for project in projects:
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(project))


def check(projects: Sequence[Path]) -> None:
    """Metadata as an index wants it, one version, licences and model cards inside, weights only where they belong."""
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, sorted(DIST.iterdir())))
    wheels, sdists = sorted(DIST.glob("*.whl")), sorted(DIST.glob("*.tar.gz"))
    expect(len(wheels) == len(sdists) == len(projects), f"{len(wheels)} wheels and {len(sdists)} sdists")
    versions = {wheel.name.split("-")[1] for wheel in wheels}
    expect(len(versions) == 1, f"versions differ: {versions}")
    for project in projects:
        said = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        stem = said["name"].replace("-", "_")
        with zipfile.ZipFile(next(DIST.glob(f"{stem}-*.whl"))) as wheel:
            names = wheel.namelist()
        for licence in said["license-files"]:
            expect(any(n.endswith(f".dist-info/licenses/{licence}") for n in names), f"{stem}: no {licence}")
        expect(set(LICENCES) <= set(said["license-files"]), f"{stem}: names no {LICENCES}")
        weights = any(name.endswith(".safetensors") for name in names)
        expect(not weights or "MODEL_CARD.md" in said["license-files"], f"{stem}: weights without a model card")
    own = next(DIST.glob("invsolve-*.tar.gz"))
    with tarfile.open(own) as archive:
        weights = [name for name in archive.getnames() if name.endswith(".safetensors")]
    expect(not weights, f"{own.name} holds {weights}")
    expect(own.stat().st_size < LARGEST_SDIST, f"{own.name} has {own.stat().st_size:,} bytes")
    for path in (*wheels, *sdists):
        print(f"{path.stat().st_size:12,}  {path.name}")


def install_and_run(folder: Path) -> None:
    """A new environment outside of the checkout: the wheels, a recipe by its name."""
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    quiet = ("--disable-pip-version-check", "-q", "-c", str(ROOT / "constraints.txt"))
    pip = (str(python), "-m", "pip", "install", *quiet)
    run(*pip, "torch")
    started = time.monotonic()
    run(*pip, "--find-links", str(DIST), "invsolve[photos]", "invsolve-blocksworld")
    print(f"installed in {time.monotonic() - started:.0f} s, beside torch")
    invsolve = folder / "venv" / "bin" / "invsolve"
    started = time.monotonic()
    run(str(invsolve), "recipe", "list", cwd=folder)
    run(str(invsolve), "run", RECIPE, "--set", "samples=1", "--device", "cpu", cwd=folder)
    print(f"ran in {time.monotonic() - started:.0f} s")
    for made in ("comparison.png", "video.mp4", "solution.nc", "frames/sample-0/0000.png"):
        expect(bool(list((folder / "runs").glob(f"{RECIPE}/*/{made}"))), f"the run left no {made}")


def run(*command: str, cwd: Path = ROOT) -> None:
    """Run a command to its end, without what would lead it back into the checkout; stop where it fails."""
    print("$", " ".join(command), flush=True)
    plain = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    subprocess.run(command, check=True, cwd=cwd, env=plain)


def expect(right: bool, message: str) -> None:
    """Stop with a message unless something is as it has to be."""
    if not right:
        raise SystemExit(message)


if __name__ == "__main__":
    main()
