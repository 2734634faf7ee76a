"""The families of this package."""

from collections.abc import Mapping
from typing import Final

from invsolve.errors import ComponentError, did_you_mean
from invsolve_azula.families.adm import ADM
from invsolve_azula.families.edm import EDM
from invsolve_azula.families.edm2 import EDM2
from invsolve_azula.families.family import Family
from invsolve_azula.families.jit import JiT

FAMILIES: Final[Mapping[str, Family]] = {family.name: family for family in (ADM(), EDM(), EDM2(), JiT())}


def family_named(name: str) -> Family:
    """The family of this name; raises `ComponentError` where there is none."""
    if name not in FAMILIES:
        raise ComponentError(
            f"there is no family {name!r}.{did_you_mean(name, FAMILIES)} Families: {', '.join(FAMILIES)}."
        )
    return FAMILIES[name]
