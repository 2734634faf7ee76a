"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

_HOME = "invsolve_operators"

COMPONENTS = (
    Component("operator", "camera_response", f"{_HOME}.camera_response:CameraResponse", "Light to stored values."),
    Component("operator", "convolution", f"{_HOME}.convolution:Convolution", "Blur by a kernel."),
    Component(
        "operator",
        "downsampled_average",
        f"{_HOME}.downsampled_average:DownsampledAverage",
        "Average every k-th frame, blocks of pixels, or both.",
    ),
    Component("operator", "identity", "invsolve.algebra:Identity", "The scene itself."),
    Component("operator", "linearise", f"{_HOME}.linearise:Linearise", "Stored values to light."),
    Component("operator", "scaled", "invsolve.algebra:Scaled", "Dim by a factor."),
    Component("operator", "temporal_average", f"{_HOME}.temporal_average:TemporalAverage", "Exposures add up frames."),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The operators of this package."""
    return COMPONENTS
