"""The one hook a plugin implements."""

from collections.abc import Iterable

import pluggy

from invsolve.plugin.component import Component

hookspec = pluggy.HookspecMarker("invsolve")
hookimpl = pluggy.HookimplMarker("invsolve")


@hookspec
def invsolve_components() -> Iterable[Component]:
    """List what this plugin offers. Runs at every start, so it must not import torch or other heavy modules."""
    return ()
