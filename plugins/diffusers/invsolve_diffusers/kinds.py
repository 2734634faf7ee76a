"""The kind of component that this plugin opens to others: families of video models. Light, as a manifest is."""

from typing import Final

from invsolve.plugin import OpenKind

FAMILY: Final = OpenKind("family", "families of video models", "invsolve_diffusers.network.family:Family")
