"""`DeepinvNonlinearPhysics`: any physics of deepinv that is not linear as an operator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import ComponentError, SpaceError
from invsolve.operator import Operator
from invsolve.validators import instance, literal, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_deepinv.bridge.held import HeldPhysics
from invsolve_deepinv.bridge.packing import Layout
from invsolve_deepinv.bridge.spaces import forward, given_name, held_named, output_space, references, whole_numbers
from invsolve_deepinv.naming.arguments import Plain, paths, plain


@final
@attrs.frozen
class DeepinvNonlinearPhysics(Operator):
    """``y = A(x)`` with ``A`` of any ``deepinv.physics.Physics`` that is not linear; its gradient is that of autograd.

    Attributes:
        physics: the class in ``deepinv.physics``, such as ``SpatialUnwrapping``.
        arguments: of the class, as in `DeepinvPhysics`.
        files: of the class, as in `DeepinvPhysics`.
        size: ``c h w`` of frames, ``c t h w`` of videos, for which it is; by default the ``img_size`` that the physics
            names, or any. Needed where measurements have another size than the pictures and the physics names none.
        layout: ``frames`` shows deepinv each frame as a picture, ``video`` all of ``c t h w``.
        seed: of what the class draws.
        given: a physics that exists already, which no recipe can write; use `DeepinvNonlinearPhysics.of`.

    Raises:
        ComponentError: for a class that deepinv does not have or that is linear, and for arguments that it does not
            take.
        PluginError: without deepinv.

    References:
        Tachella et al. 2025.

    Examples:
        ```python
        DeepinvNonlinearPhysics("SpatialUnwrapping", arguments={"threshold": 0.5, "mode": "floor"})
        ```

        ```yaml
        operator: {use: deepinv_nonlinear_physics, physics: SpatialUnwrapping, arguments: {threshold: 0.5, mode: floor}}
        ```
    """

    references: ClassVar[tuple[str, ...]] = references

    physics: str = attrs.field(validator=instance(str))
    arguments: Plain = attrs.field(factory=dict, converter=plain, validator=instance(Mapping), hash=False)
    files: Mapping[str, Path] = attrs.field(factory=dict, converter=paths, validator=instance(Mapping), hash=False)
    size: tuple[int, ...] | None = attrs.field(default=None, converter=whole_numbers)
    layout: Layout = attrs.field(default="frames", validator=literal(Layout))
    seed: int = attrs.field(default=0, validator=whole(least=0))
    given: HeldPhysics | None = attrs.field(
        default=None, validator=optional(instance(HeldPhysics)), eq=False, repr=False, metadata={"recipe": False}
    )
    _kept: Cache = attrs.field(factory=Cache, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.held.linear:
            raise ComponentError(f"deepinv's {self.physics} is linear; use deepinv_physics, which can do more with it.")

    @classmethod
    def of(
        cls, physics: Any, *, size: tuple[int, ...] | None = None, layout: Layout = "frames"
    ) -> "DeepinvNonlinearPhysics":
        """The operator of a copy of a physics that exists already; raises `ComponentError` as the constructor does."""
        held = HeldPhysics.hold(physics, layout, whole_numbers(size))
        return cls(given_name(held.physics), size=size, layout=layout, given=held)

    @property
    def held(self) -> HeldPhysics:
        """deepinv's physics."""
        if self.given is not None:
            return self.given
        found: HeldPhysics = self._kept.get(
            "held",
            lambda: held_named(self.physics, self.arguments, self.files, self.seed, self.layout, self.size),
        )
        return found

    def forward(self, x: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c2 t2 h2 w2"]:
        """deepinv's ``physics.A``, packed."""
        return forward(self.held, x)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The space of the packed measurements; raises `SpaceError` for videos of another size."""
        return output_space(self.held, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The space of the videos that were measured: that of ``size``, or else `observed` itself."""
        held = self.held
        space = observed
        if held.size is not None:
            c, t, h, w = held.size if held.layout == "video" else (held.size[0], observed.frames, *held.size[1:])
            space = attrs.evolve(observed, channels=c, frames=t, height=h, width=w)
        found = output_space(held, space).shape
        if found != observed.shape:
            raise SpaceError(
                f"deepinv's {self.physics} measures c t h w = {found} in videos of {space.shape}, got "
                f"{observed.shape}; say for which `size` it is."
            )
        return space
