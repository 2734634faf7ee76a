"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS = (
    Component(
        "reader",
        "blocksworld",
        "invsolve_blocksworld.reader:BlocksworldReader",
        "Clips of a toy world: solids that move and collide, ray cast.",
    ),
    Component(
        "weights",
        "blocksworld",
        "invsolve_blocksworld.weights:BlocksworldWeights",
        "A prior trained on the toy world.",
    ),
    Component(
        "weights",
        "blocksworld_conditional",
        "invsolve_blocksworld.conditional_weights:ConditionalWeights",
        "A prior of the toy world that is shown a blurred picture.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The toy world."""
    return COMPONENTS
