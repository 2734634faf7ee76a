"""The manifest: names and targets only, so that listing plugins imports neither torch nor deepinv."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = (
    Component(
        "operator",
        "deepinv_physics",
        "invsolve_deepinv.deepinv_physics:DeepinvPhysics",
        "Any linear physics of deepinv, with an exact adjoint.",
    ),
    Component(
        "operator",
        "deepinv_nonlinear_physics",
        "invsolve_deepinv.deepinv_nonlinear_physics:DeepinvNonlinearPhysics",
        "Any other physics of deepinv, differentiated.",
    ),
    Component(
        "prior",
        "deepinv_denoiser",
        "invsolve_deepinv.deepinv_denoiser:DeepinvDenoiser",
        "What a denoiser of deepinv knows of pictures.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """A bridge to deepinv."""
    return COMPONENTS
