"""The hooks a plugin implements."""

from collections.abc import Iterable
from pathlib import Path

import pluggy

from invsolve.plugin.component import Component

hookspec = pluggy.HookspecMarker("invsolve")
hookimpl = pluggy.HookimplMarker("invsolve")


@hookspec
def invsolve_components() -> Iterable[Component]:
    """List what this plugin offers. Runs at every start, so it must not import torch or other heavy modules."""
    return ()


@hookspec
def invsolve_recipes() -> Path:
    """The folder of the recipes that this plugin brings: each ``NAME.yaml`` in it goes by its name. May be left out.

    The folder lies inside the plugin's package, so that it is installed with it:

        return Path(__file__).parent / "recipes"
    """
    return Path()
