"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS = (
    Component("command", "studio", "invsolve_studio.command:studio", "Restore pictures and clips in a browser."),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The command `studio`."""
    return COMPONENTS
