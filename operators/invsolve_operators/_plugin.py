"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

_HOME = "invsolve_operators"

COMPONENTS = (
    Component("operator", "camera_response", f"{_HOME}.camera_response:CameraResponse", "Light to stored values."),
    Component("operator", "convolution", f"{_HOME}.convolution:Convolution", "Blur by a kernel."),
    Component("operator", "downsample", f"{_HOME}.downsample:Downsample", "Fewer pixels: box or bicubic."),
    Component(
        "operator",
        "downsampled_average",
        f"{_HOME}.downsampled_average:DownsampledAverage",
        "Average every k-th frame, blocks of pixels, or both.",
    ),
    Component(
        "operator",
        "exposure_average",
        f"{_HOME}.exposure_average:ExposureAverage",
        "Average over any list of exposures.",
    ),
    Component("operator", "identity", "invsolve.operator.pipeline:Identity", "The scene itself."),
    Component("operator", "linearise", f"{_HOME}.linearise:Linearise", "Stored values to light."),
    Component("operator", "mask", f"{_HOME}.mask:Mask", "Lose pixels."),
    Component("operator", "mosaic", f"{_HOME}.mosaic:Mosaic", "One colour per pixel."),
    Component(
        "operator",
        "nonlinear_stack",
        "invsolve.operator.stack:NonlinearStack",
        "Several observations of one scene, by operators of any kind.",
    ),
    Component("operator", "quantise", f"{_HOME}.quantise:Quantise", "Whole numbers of levels."),
    Component(
        "operator",
        "rolling_shutter",
        f"{_HOME}.rolling_shutter:RollingShutter",
        "Rows are exposed one after the other.",
    ),
    Component("operator", "scaled", "invsolve.operator.pipeline:Scaled", "Dim by a factor."),
    Component("operator", "select_frames", f"{_HOME}.select_frames:SelectFrames", "See some frames only."),
    Component("operator", "stack", "invsolve.operator.stack:Stack", "Several linear observations of one scene."),
    Component("operator", "temporal_average", f"{_HOME}.temporal_average:TemporalAverage", "Exposures add up frames."),
    Component("operator", "warp", f"{_HOME}.warp:Warp", "Move pixels by a flow."),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The operators of this package."""
    return COMPONENTS
