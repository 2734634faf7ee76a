"""Write the stubs of `invsolve.operators`, `.priors` and `.samplers`: what type checkers and editors know of them."""

import sys
from pathlib import Path
from typing import Final

from invsolve.plugin import Catalog

NAMESPACES: Final = {
    "operators": ("operator",),
    "priors": ("prior",),
    "samplers": ("sampler", "kernel", "guidance", "flow"),
}
OWN: Final = {"INVSOLVE_PLUGINS": "core,operators,priors,samplers"}
WIDTH: Final = 120
PACKAGE: Final = Path(__file__).parents[1] / "invsolve"


def stub(kinds: tuple[str, ...]) -> str:
    """The text of one stub: every class of these kinds that comes with invsolve, and anything else as `Any`."""
    catalog = Catalog.discover(OWN)
    targets = {entry.component.target for kind in kinds for entry in catalog.of_kind(kind)}
    pairs = sorted(tuple(target.split(":")) for target in targets)
    lines = [_import(module, name) for module, name in pairs]
    return "\n".join(
        [
            "# Written by tools/namespaces.py.",
            "from typing import Any",
            "",
            *lines,
            "",
            "def __getattr__(name: str) -> Any: ...  # of plugins that are distributions of their own",
            "",
        ]
    )


def _import(module: str, name: str) -> str:
    line = f"from {module} import {name} as {name}"
    return line if len(line) <= WIDTH else f"from {module} import (\n    {name} as {name},\n)"


if __name__ == "__main__":
    for name, kinds in NAMESPACES.items():
        path = PACKAGE / f"{name}.pyi"
        path.write_text(stub(kinds), encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
