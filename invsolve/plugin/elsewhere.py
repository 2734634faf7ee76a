"""`offered_elsewhere`: which distribution of this project offers a name that is not installed."""

from collections.abc import Collection, Mapping
from typing import Final

Names = Mapping[str, tuple[str, ...]]

DISTRIBUTIONS: Final[Mapping[str, Names]] = {
    "invsolve-azula": {
        "prior": ("azula",),
        "schedule": (
            "azula_ve",
            "azula_vp",
            "azula_cosine",
            "azula_rectified",
            "azula_decay",
            "azula_elucidated",
        ),
        "command": ("azula",),
    },
    "invsolve-blocksworld": {
        "reader": ("blocksworld",),
        "weights": ("blocksworld", "blocksworld_conditional"),
    },
    "invsolve-deepinv": {
        "operator": ("deepinv_physics", "deepinv_nonlinear_physics"),
        "prior": ("deepinv_denoiser",),
    },
    "invsolve-diffusers": {
        "prior": ("cogvideox", "unet3d", "diffusers"),
        "family": (
            *("cogvideox", "unet3d", "wan", "ltx", "hunyuan", "mochi", "latte", "animatediff"),
            *("ddpm", "consistency", "latent_diffusion", "stable_diffusion", "stable_diffusion_xl"),
            *("stable_diffusion_3", "flux"),
        ),
        "task": ("cogvideox_exposures",),
        "command": ("weights", "estimate"),
    },
    "invsolve-photographs": {
        "prior": ("photograph",),
        "sampler": ("photograph",),
        "reader": ("shaken",),
        "weights": ("photographs",),
        "task": ("photograph",),
        "command": ("deblur",),
    },
    "invsolve-studio": {"command": ("studio",)},
}
"""What the manifests of these distributions list, by kind; a test holds it against them."""


def offered_elsewhere(kind: str, name: str, installed: Collection[str] = ()) -> str:
    """A sentence that names the distribution that offers `name`, and how to install it; empty where none does.

    Args:
        installed: distributions that are there, whatever is wrong with them: of these nothing is said.
    """
    known = next((each for each, kinds in DISTRIBUTIONS.items() if name in kinds.get(kind, ())), None)
    if known is None or known in installed:
        return ""
    return f" {known} has it: `pip install {known}`."
