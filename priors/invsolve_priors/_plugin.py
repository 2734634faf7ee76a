"""The manifest: names and targets only, so that listing plugins imports no torch."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = (
    Component(
        "prior", "gaussian", "invsolve_priors.dense.gaussian:Gaussian", "A normal law with any covariance, exact."
    ),
    Component(
        "prior",
        "spectral_gaussian",
        "invsolve_priors.spectral.spectral_gaussian:SpectralGaussian",
        "Stationary videos of any size with a power-law spectrum, exact.",
    ),
    Component(
        "prior",
        "stdit",
        "invsolve_priors.learned.stdit.prior:STDiT",
        "What a space-time transformer learned of videos.",
    ),
    Component(
        "command",
        "train",
        "invsolve_priors.training.command:train",
        "Train an autoencoder or a diffusion prior from a training recipe.",
    ),
    Component(
        "recipe_form",
        "training",
        "invsolve_priors.training.recipe_form:TrainingForm",
        "Recipes that train a network, for `invsolve recipe check`.",
    ),
    Component(
        "prior",
        "gaussian_mixture",
        "invsolve_priors.dense.gaussian_mixture:GaussianMixture",
        "A law with several modes, exact.",
    ),
    Component(
        "prior",
        "residual_image",
        "invsolve_priors.residual_image:ResidualImage",
        "A latent prior, and what its decoder cannot draw.",
    ),
    Component("prior", "frame_wise", "invsolve_priors.frame_wise:FrameWise", "An image prior, one frame at a time."),
    Component(
        "prior",
        "conditional_mixture",
        "invsolve_priors.dense.conditional_mixture:ConditionalMixture",
        "A mixture whose weights are the condition, exact.",
    ),
    Component("prior", "cfg", "invsolve_priors.guided.cfg:CFG", "Classifier-free guidance of a conditional prior."),
    Component(
        "prior",
        "cfg_plus_plus",
        "invsolve_priors.guided.cfg_plus_plus:CFGPlusPlus",
        "Guidance of a conditional prior that renoises without the condition.",
    ),
    Component(
        "prior",
        "apg",
        "invsolve_priors.guided.apg:APG",
        "Guidance of a conditional prior that does not oversaturate.",
    ),
    Component(
        "prior",
        "exposure_conditioned",
        "invsolve_priors.guided.exposure_conditioned:ExposureConditioned",
        "Frames at stated times, given one blurred picture.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The priors of this package."""
    return COMPONENTS
