"""The family of a checkpoint, by the classes of its denoiser and its autoencoder."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from invsolve.errors import BrokenPlugin, CapabilityError
from invsolve.plugin import Catalog
from invsolve_diffusers.kinds import FAMILY
from invsolve_diffusers.network.family import Family

REFUSED: Final = {
    "UNetSpatioTemporalConditionModel": (
        "Stable Video Diffusion animates one given picture: it wants the picture, its CLIP embedding and a motion "
        "bucket at every call, so it is no prior of videos"
    ),
    "AllegroTransformer3DModel": "its autoencoder decodes in blended tiles only",
}


def families() -> tuple[Family, ...]:
    """Those of all installed plugins, in the order of their manifests; one that cannot be imported is left out."""
    catalog, found = Catalog.discover(), []
    for entry in catalog.entries:
        if entry.component.kind != FAMILY:
            continue
        try:
            found.append(_made(catalog.load_entry(entry)))
        except BrokenPlugin:  # `invsolve plugins check` says why; no checkpoint of another family may suffer
            continue
    return tuple(found)


def supported() -> str:
    """The families, in words."""
    return ", ".join(f"{family.name} ({family.title})" for family in families())


def decoder_folders(denoiser_class: str) -> tuple[str, ...]:
    """Where checkpoints with this denoiser keep an autoencoder, in the families that have one."""
    kin = [each for each in families() if each.denoiser_class == denoiser_class and each.decoder_class]
    return tuple(dict.fromkeys(each.decoder_folder for each in kin)) or ("vae",)


def has_autoencoder(denoiser_class: str) -> bool:
    """Whether every family with this denoiser has an autoencoder."""
    return all(each.decoder_class for each in families() if each.denoiser_class == denoiser_class)


def family_of(
    denoiser_class: str, decoder_class: str, denoiser: Mapping[str, Any], scheduler: Mapping[str, Any], where: str
) -> Family:
    """The family of this denoiser and this autoencoder, and of what their files and the scheduler's say.

    Raises:
        CapabilityError: with the reason where there is none, or with the families that claim the model where there are
            several.
    """
    kin = [family for family in families() if family.denoiser_class == denoiser_class]
    if not kin:
        reason = REFUSED.get(denoiser_class, "that class is not known")
        raise CapabilityError(f"{where} holds a {denoiser_class}: {reason}. Supported: {supported()}.")
    fitting = [family for family in kin if family.decoder_class == decoder_class]
    if not fitting:
        raise CapabilityError(
            f"{where} has the denoiser of {' and of '.join(family.title for family in kin)} with "
            f"{_autoencoder(decoder_class)}, expected "
            f"{' or '.join(dict.fromkeys(_autoencoder(family.decoder_class) for family in kin))}."
        )
    fitting = [family for family in fitting if family.claims(denoiser, scheduler)]
    if not fitting:
        raise CapabilityError(
            f"{where} has the classes of {' and of '.join(family.title for family in kin)}, and none of them claims it."
        )
    if len(fitting) > 1:
        names = " and ".join(f"{family.name} ({type(family).__module__})" for family in fitting)
        raise CapabilityError(
            f"{where} is claimed by the families {names}; keep one of the plugins out with INVSOLVE_PLUGINS."
        )
    return fitting[0]


def _autoencoder(name: str) -> str:
    return f"the autoencoder {name}" if name else "no autoencoder"


@cache
def _made(family: type[Family]) -> Family:
    """One object of each class, which has no state."""
    return family()
