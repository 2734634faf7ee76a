"""Pretrained video diffusion models as priors: CogVideoX, 3D-UNets and other checkpoints of diffusers."""

from invsolve.plugin import lazy_exports
from invsolve_diffusers._plugin import COMPONENTS

__getattr__, __dir__ = lazy_exports(
    __name__,
    COMPONENTS,
    also=(
        "invsolve_diffusers.network.placement:Placement",
        "invsolve_diffusers.network.embedding:Embedding",
    ),
)
