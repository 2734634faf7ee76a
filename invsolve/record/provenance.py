"""Ingredients and tools of a run, as plain data for `provenance.json`."""

import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import torch

import invsolve
from invsolve.errors import UnknownComponent
from invsolve.media.recording import Recording
from invsolve.parts import classes_of, files_of
from invsolve.plugin import Catalog
from invsolve.recipe import Recipe

LIBRARIES: Final = (
    "torch",
    "numpy",
    "scipy",
    "xarray",
    "h5netcdf",
    "av",
    "pillow",
    "imagecodecs",
    "openexr",
    "safetensors",
    "tifffile",
)


def provenance(recipe: Recipe, recording: Recording, device: torch.device, command: tuple[str, ...]) -> dict[str, Any]:
    """Everything that is known before the run starts."""
    return {
        "invsolve": invsolve.__version__,
        "distributions": distributions_of(recipe),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "git": _git(Path(invsolve.__file__).parent),
        "command": list(command),
        "recipe": {
            "name": recipe.name,
            "label": recipe.label,
            "hash8": recipe.hash8,
            "file": None if recipe.source is None else str(recipe.source.absolute()),
        },
        "seed": recipe.seed,
        "samples": recipe.samples,
        "input": {"name": recording.name, "sha256": recording.sha256, "notes": list(recording.notes)},
        "files": dict(files_of(recipe)),
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
        "dtype": recipe.dtype,
        "started": now(),
        "sessions": 1,
        "outcome": "UNFINISHED",
        "message": "the run was interrupted, or goes on",
    }


def _version(library: str) -> str | None:
    """None where an optional library is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def peak_memory(device: torch.device) -> dict[str, int | None]:
    """The most memory this process ever held [bytes], on the host and on the device."""
    on_device = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return {"peak_memory_bytes": _peak_host(), "peak_device_memory_bytes": on_device}


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _peak_host() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def distributions_of(recipe: Recipe) -> dict[str, str]:
    """The distributions that the parts of a recipe come from, with their versions."""
    found = {}
    for cls in classes_of(recipe):
        entry = _entry(recipe.catalog, cls)
        if entry is not None:
            found[entry[0]] = entry[1]
    return dict(sorted(found.items()))


def _entry(catalog: Catalog, kind: type[Any]) -> tuple[str, str] | None:
    try:
        entry = catalog.entry_of(kind)
    except UnknownComponent:
        return None
    return entry.distribution, entry.version


def _git(folder: Path) -> dict[str, Any] | None:
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*words: str) -> str | None:
        try:
            done = subprocess.run(
                [git, "-C", str(folder), *words], capture_output=True, text=True, check=False, timeout=10
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # an installed package may lie inside of a repository that has nothing to do with it
    if ask("ls-files", "--error-unmatch", "errors.py") is None:
        return None
    return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain", "--untracked-files=no"))}
