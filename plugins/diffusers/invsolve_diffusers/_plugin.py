"""The manifest: names and targets only, so that listing plugins imports neither torch nor diffusers."""

from invsolve.plugin import Component, hookimpl
from invsolve_diffusers.kinds import FAMILY

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
        "A diffusion model of videos or pictures in the layout of diffusers, of any supported family.",
    ),
    Component(
        FAMILY,
        "cogvideox",
        "invsolve_diffusers.families.cogvideox:CogVideoXFamily",
        "CogVideoX: v-prediction, 8k + 1 frames, multiples of 16 pixels.",
    ),
    Component(
        FAMILY,
        "unet3d",
        "invsolve_diffusers.families.unet3d:UNet3DFamily",
        "ModelScope, ZeroScope, TF-T2V: noise or v, any number of frames, multiples of 8 pixels.",
    ),
    Component(
        FAMILY,
        "wan",
        "invsolve_diffusers.families.wan:Wan",
        "Wan 2.1 text-to-video: flow, 4k + 1 frames, multiples of 16 pixels.",
    ),
    Component(
        FAMILY,
        "ltx",
        "invsolve_diffusers.families.ltx:LTXVideo",
        "LTX-Video: flow, 8k + 1 frames, multiples of 32 pixels.",
    ),
    Component(
        FAMILY,
        "hunyuan",
        "invsolve_diffusers.families.hunyuan:HunyuanVideo",
        "HunyuanVideo: flow, 4k + 1 frames, multiples of 16 pixels.",
    ),
    Component(
        FAMILY,
        "mochi",
        "invsolve_diffusers.families.mochi:Mochi",
        "Mochi 1: flow, 6k + 1 frames, multiples of 16 pixels.",
    ),
    Component(
        FAMILY,
        "latte",
        "invsolve_diffusers.families.latte:Latte",
        "Latte: noise, clips of one length, multiples of 16 pixels.",
    ),
    Component(
        FAMILY,
        "animatediff",
        "invsolve_diffusers.families.animatediff:AnimateDiff",
        "AnimateDiff: noise, at most 32 frames, multiples of 8 pixels.",
    ),
    *(
        Component(FAMILY, name, f"invsolve_diffusers.families.{target}", summary)
        for name, target, summary in (
            ("ddpm", "ddpm:DDPM2D", "DDPM and DDIM of pixels: pictures, noise or v."),
            ("consistency", "consistency:ConsistencyModel", "Consistency models of pixels: pictures."),
            ("latent_diffusion", "latent_diffusion:LatentDiffusion", "LDM behind a VQGAN: pictures, no text."),
            ("stable_diffusion", "stable_diffusion:StableDiffusion", "Stable Diffusion 1 and 2: pictures."),
            ("stable_diffusion_xl", "stable_diffusion_xl:StableDiffusionXL", "Stable Diffusion XL: pictures."),
            (
                "stable_diffusion_3",
                "stable_diffusion_3:StableDiffusion3",
                "Stable Diffusion 3 and 3.5: pictures, flow.",
            ),
            ("flux", "flux:Flux", "FLUX.1: pictures, flow."),
        )
    ),
    Component(
        "task",
        "cogvideox_exposures",
        "invsolve_diffusers.exposures.task:CogVideoXExposures",
        "CogVideoX that is shown a blurred picture and told when each frame was exposed.",
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
    """Pretrained diffusion models of videos and of pictures."""
    return COMPONENTS
