"""The pages of the API: what each package offers, from its docstrings."""

import importlib
import inspect
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = {
    "invsolve": "What most programs need: problems, solving, operators, priors, noise, schedules.",
    "invsolve_operators": "Operators.",
    "invsolve_priors": "Priors.",
    "invsolve_samplers": "Samplers, kernels and guidance rules.",
    "invsolve.media": "Reading and writing pictures and videos.",
    "invsolve.metrics": "Metrics.",
    "invsolve.posterior": "What samples say of the posterior.",
    "invsolve.calibration": "Are the samples those of the posterior?",
    "invsolve.recipe": "Recipes.",
    "invsolve.plugin": "Plugins.",
    "invsolve.testing": "Tests for plugins.",
    "invsolve.errors": "Errors.",
    "invsolve.validators": "Validators of fields.",
}


def reference_pages(pages: Path) -> list[dict[str, str]]:
    """Write a page for each package; its entries of the navigation."""
    folder = pages / "api"
    folder.mkdir(parents=True)
    entries, seen = [], set()
    for package, about in PACKAGES.items():
        places = [place for place in offered(package) if place not in seen]
        seen |= set(places)
        blocks = [f"::: {place}\n    options:\n      heading_level: 2\n" for place in places]
        name = f"{package.replace('.', '_')}.md"
        (folder / name).write_text(f"# {package}\n\n{about}\n\n" + "\n".join(blocks), encoding="utf-8")
        entries.append({package: f"api/{name}"})
    return entries


def offered(package: str) -> list[str]:
    """The places of the public classes and functions of a package, in the order of their names."""
    module = importlib.import_module(package)
    names = [name for name in dir(module) if not name.startswith("_")]
    found = {name: getattr(module, name, None) for name in names}
    return [f"{thing.__module__}.{thing.__qualname__}" for thing in found.values() if ours(thing, package)]


def ours(thing: Any, package: str) -> bool:
    """A documented class or function of this project."""
    named = inspect.isclass(thing) or inspect.isfunction(thing)
    return named and thing.__module__.startswith(package.partition(".")[0]) and bool(thing.__doc__)
