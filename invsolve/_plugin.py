"""The manifest of what the core itself offers."""

from invsolve.plugin import Component, hookimpl

COMMANDS = (
    Component("command", "run", "invsolve.cli.run:run", "Solve what a recipe describes."),
    Component("command", "simulate", "invsolve.cli.simulate:simulate", "Make the observation of a recipe."),
    Component("command", "show", "invsolve.cli.show:show", "Report on a run, with pictures."),
    Component("command", "cite", "invsolve.cli.cite:cite", "BibTeX of every part a recipe uses."),
    Component("command", "recipe", "invsolve.cli.recipe:app", "Check, expand, compare recipes; write their schema."),
    Component("command", "plugins", "invsolve.cli.plugins:app", "List, show, check and start plugins."),
)

COMPONENTS = (
    *COMMANDS,
    Component("noise", "gaussian", "invsolve.noise:GaussianNoise", "White Gaussian noise."),
    Component("noise", "poisson", "invsolve.noise:PoissonNoise", "Photon noise."),
    Component("noise", "poisson_gaussian", "invsolve.noise:PoissonGaussianNoise", "Photon noise and read noise."),
    Component("schedule", "discrete", "invsolve.schedule:DiscreteSchedule", "A table of noise levels."),
    Component("schedule", "vp", "invsolve.schedule:VPSchedule", "Variance preserving, in continuous time."),
    Component("schedule", "edm", "invsolve.schedule:EDMSchedule", "Variance exploding, spaced as EDM spaces it."),
    Component("schedule", "flow", "invsolve.schedule:FlowSchedule", "Straight lines between noise and data."),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """What the core offers."""
    return COMPONENTS
