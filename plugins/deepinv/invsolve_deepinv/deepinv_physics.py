"""`DeepinvPhysics`: any linear physics of deepinv as an operator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import ComponentError
from invsolve.operator import LinearOperator
from invsolve.operator.spectrum import Spectrum
from invsolve.validators import instance, literal, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_deepinv.bridge.decomposition import decomposition
from invsolve_deepinv.bridge.held import HeldPhysics
from invsolve_deepinv.bridge.packing import Layout, Shape
from invsolve_deepinv.bridge.spaces import (
    adjoint,
    forward,
    given_name,
    held_named,
    input_space,
    output_space,
    references,
    whole_numbers,
)
from invsolve_deepinv.naming.arguments import Plain, paths, plain


@final
@attrs.frozen
class DeepinvPhysics(LinearOperator):
    """``y = A x`` with ``A`` of any ``deepinv.physics.LinearPhysics``, on each frame or on the whole video.

    ``A^T`` is deepinv's own where it passes the dot test to 1e-10 (tried once for each size, in float64), and ``A``
    differentiated where it does not. A ``DecomposablePhysics`` brings its singular value decomposition, tried likewise,
    and with it closed forms; others are solved by conjugate gradients to the end, not by deepinv's 50 steps of lsqr.

    Measurements that are no pictures are packed: complex numbers as twice the channels, real parts first; a vector as a
    row of pixels; several measurements (`Pansharpen`, stacks) as one row.

    Attributes:
        physics: the class in ``deepinv.physics``, such as ``Blur``.
        arguments: of the class. Nested lists are tensors; ``{make: gaussian_blur, sigma: 1.0}`` is one of deepinv's
            filters (``bilinear_filter``, ``bicubic_filter``, ``sinc_filter``). Its noise is the problem's, its device
            and precision are those of the video.
        files: arguments that are arrays, such as a blur's ``filter``, from ``.npy, .npz, .mat, .png, .tif, .txt`` or
            ``.csv``.
        size: ``c h w`` of frames, ``c t h w`` of videos, for which it is; by default the ``img_size`` that the physics
            names, or any. Needed where measurements are no pictures and the physics names no size.
        layout: ``frames`` shows deepinv each frame as a picture, ``video`` all of ``c t h w``, as its `DynamicMRI` and
            its blurs in three dimensions want it.
        seed: of what the class draws, such as a random mask.
        given: a physics that exists already, which no recipe can write; use `DeepinvPhysics.of`.

    Raises:
        ComponentError: for a class that deepinv does not have or that is not linear, and for arguments that it does not
            take.
        PluginError: without deepinv.

    References:
        Tachella et al. 2025.

    Examples:
        ```python
        DeepinvPhysics("Blur", arguments={"filter": [[0.25, 0.25], [0.25, 0.25]], "padding": "circular"})
        ```

        ```yaml
        operator:
          use: deepinv_physics
          physics: Downsampling
          arguments: {filter: {make: gaussian_blur, sigma: 1.0}, factor: 2}
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
        if not self.held.linear:
            raise ComponentError(f"deepinv's {self.physics} is not linear; use deepinv_nonlinear_physics.")

    @classmethod
    def of(cls, physics: Any, *, size: tuple[int, ...] | None = None, layout: Layout = "frames") -> "DeepinvPhysics":
        """The operator of a physics that exists already: of a copy, so that its later changes do not matter.

        Its noise is left to the problem: `noise_of`.

        Raises:
            ComponentError: for a sensor model and for a physics that is not linear.
        """
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

    def adjoint(self, y: Float[Tensor, "b c2 t2 h2 w2"]) -> Float[Tensor, "b c t h w"]:
        """deepinv's ``physics.A_adjoint``, or ``A`` differentiated."""
        return adjoint(self.held, y)

    def output_space(self, space: VideoSpace) -> VideoSpace:
        """The space of the packed measurements; raises `SpaceError` for videos of another size."""
        return output_space(self.held, space)

    def input_space(self, observed: VideoSpace) -> VideoSpace:
        """The space of the videos that were measured; raises `SpaceError` for measurements of another size."""
        return input_space(self.held, observed)

    def spectrum(self, space: VideoSpace, dtype: torch.dtype, device: torch.device) -> Spectrum | None:
        """deepinv's decomposition, where it has one that holds."""
        item: Shape = self.held.item(space.shape)
        found: Spectrum | None = self._kept.get(
            ("spectrum", item, dtype, device), lambda: decomposition(self.held, item, dtype, device)
        )
        return found
