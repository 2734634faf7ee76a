"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = ()


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The samplers of this package."""
    return COMPONENTS
