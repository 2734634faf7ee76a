"""The manifest: names and targets only, so that listing plugins imports neither torch nor diffusers."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = ()


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """Pretrained video diffusion models."""
    return COMPONENTS
