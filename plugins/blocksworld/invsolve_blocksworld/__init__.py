"""The toy world of invsolve: solids of several colours that move and collide on a plane, ray cast, with its truth."""

from invsolve.plugin import lazy_exports
from invsolve_blocksworld._plugin import COMPONENTS

__getattr__, __dir__ = lazy_exports(
    __name__,
    COMPONENTS,
    also=(
        "invsolve_blocksworld.world:World",
        "invsolve_blocksworld.film:Film",
        "invsolve_blocksworld.film:Truth",
        "invsolve_blocksworld.ray_caster:RayCaster",
        "invsolve_blocksworld.camera:Camera",
    ),
)
