"""A bridge between invsolve and deepinv, in both directions: operators, noise, denoisers and samplers."""

from invsolve.plugin import lazy_exports
from invsolve_deepinv._plugin import COMPONENTS

__getattr__, __dir__ = lazy_exports(
    __name__,
    COMPONENTS,
    also=(
        "invsolve_deepinv.inward:noise_of",
        "invsolve_deepinv.inward:operator_of",
        "invsolve_deepinv.inward:problem_of",
        "invsolve_deepinv.outward.physics:as_physics",
        "invsolve_deepinv.outward.denoiser:as_denoiser",
        "invsolve_deepinv.outward.noise:as_noise_model",
        "invsolve_deepinv.deepinv_reconstructor:as_reconstructor",
    ),
)
