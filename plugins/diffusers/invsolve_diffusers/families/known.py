"""Which family a checkpoint belongs to, by the class of its denoiser."""

from typing import Final

from invsolve.errors import CapabilityError
from invsolve_diffusers.families import animatediff, cogvideox, hunyuan, latte, ltx, mochi, unet3d, wan
from invsolve_diffusers.network.family import Family

FAMILIES: Final = (
    cogvideox.FAMILY,
    unet3d.FAMILY,
    wan.FAMILY,
    ltx.FAMILY,
    hunyuan.FAMILY,
    mochi.FAMILY,
    latte.FAMILY,
    animatediff.FAMILY,
)

REFUSED: Final = {
    "UNetSpatioTemporalConditionModel": (
        "Stable Video Diffusion animates one given picture: it wants the picture, its CLIP embedding and a motion "
        "bucket at every call, so it is no prior of videos"
    ),
    "AllegroTransformer3DModel": "its autoencoder decodes in blended tiles only",
    "UNet2DConditionModel": "it is a model of pictures; for AnimateDiff, save the pipeline with its UNetMotionModel",
}


def supported() -> str:
    """The families, in words."""
    return ", ".join(f"{family.name} ({family.title})" for family in FAMILIES)


def family_of(denoiser_class: str, where: str) -> Family:
    """The family with this denoiser; raises `CapabilityError` with the reason, or with what is supported."""
    for family in FAMILIES:
        if family.denoiser_class == denoiser_class:
            return family
    reason = REFUSED.get(denoiser_class, "that class is not known")
    raise CapabilityError(f"{where} holds a {denoiser_class}: {reason}. Supported: {supported()}.")
