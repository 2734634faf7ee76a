"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS = (
    Component(
        "prior",
        "photograph",
        "invsolve_photographs.photograph_prior:PhotographPrior",
        "The videos that one blurred photograph may be of.",
    ),
    Component(
        "sampler",
        "photograph",
        "invsolve_photographs.photograph_sampler:PhotographSampler",
        "Draws of a photograph's own law that explain it.",
    ),
    Component(
        "reader",
        "shaken",
        "invsolve_photographs.shaken_reader:ShakenReader",
        "A sharp photograph, blurred by a shaking camera, with its truth.",
    ),
    Component(
        "weights",
        "photographs",
        "invsolve_photographs.photograph_weights:PhotographWeights",
        "A network trained on shaken photographs.",
    ),
    Component(
        "command",
        "deblur",
        "invsolve_photographs.deblurring.command:deblur",
        "The video behind a motion-blurred photograph.",
        takes=("picture",),
    ),
    Component(
        "task",
        "photograph",
        "invsolve_photographs.training.photograph_task:PhotographTask",
        "Train the network that sees the motion in a blurred photograph.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """Photographs and their motion."""
    return COMPONENTS
