"""The small architectures of all installed families."""

from collections.abc import Mapping

from invsolve_diffusers.architectures.architecture import Architecture
from invsolve_diffusers.families.known import families
from invsolve_diffusers.network.family import Family


def tiny_architectures() -> Mapping[str, tuple[Family, Architecture]]:
    """By name: a family's own, such as ``cogvideox``, or that of a variant, such as ``cogvideox-5b``."""
    return {name: (family, architecture) for family in families() for name, architecture in family.tiny.items()}
