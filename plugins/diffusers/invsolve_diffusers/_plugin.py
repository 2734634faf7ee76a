"""The manifest: names and targets only, so that listing plugins imports neither torch nor diffusers."""

from invsolve.plugin import Component, hookimpl

COMPONENTS: tuple[Component, ...] = (
    Component(
        "prior", "cogvideox", "invsolve_diffusers.priors.cogvideox:CogVideoX", "What CogVideoX learned of videos."
    ),
    Component(
        "prior",
        "unet3d",
        "invsolve_diffusers.priors.unet3d:UNet3D",
        "What ModelScope's or TF-T2V's 3D-UNet learned of videos.",
    ),
    Component(
        "prior",
        "diffusers",
        "invsolve_diffusers.priors.diffusers:Diffusers",
        "A video diffusion model in the layout of diffusers, of any supported family.",
    ),
    Component(
        "command",
        "weights",
        "invsolve_diffusers.commands.weights:app",
        "Make small random checkpoints; convert original files; embed prompts.",
    ),
    Component(
        "command",
        "estimate",
        "invsolve_diffusers.commands.estimate:estimate",
        "Memory and time of a recipe's step, from the model's architecture alone.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """Pretrained video diffusion models."""
    return COMPONENTS
