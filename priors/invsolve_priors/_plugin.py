"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = (
    Component("prior", "gaussian", "invsolve_priors.gaussian:Gaussian", "A normal law with any covariance, exact."),
    Component(
        "prior",
        "spectral_gaussian",
        "invsolve_priors.spectral_gaussian:SpectralGaussian",
        "Stationary videos of any size with a power-law spectrum, exact.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The priors of this package."""
    return COMPONENTS
