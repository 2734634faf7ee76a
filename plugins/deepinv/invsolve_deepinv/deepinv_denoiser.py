"""`DeepinvDenoiser`: what a denoiser of deepinv knows of pictures, as a prior."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.prior import Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import EDMSchedule, NoiseLevel, Schedule
from invsolve.validators import as_path, instance, literal, optional, whole
from invsolve.video.space import VideoSpace
from invsolve_deepinv.bridge.held_denoiser import HeldDenoiser
from invsolve_deepinv.bridge.packing import Layout, enter, leave
from invsolve_deepinv.bridge.spaces import GIVEN, given_name, references
from invsolve_deepinv.naming.arguments import Plain, plain
from invsolve_deepinv.naming.named import Named
from invsolve_deepinv.naming.weights import load_weights

HALF: Final = 0.5  # x = 0.5 + 0.5 z: deepinv's pictures lie in [0, 1], latents in [-1, 1]
PROBE: Final = 32  # pixels: a picture that every network takes


@final
@attrs.frozen
class DeepinvDenoiser(Prior):
    """``E[z0 | z] = 2 D(0.5 + 0.5 z / a, 0.5 s / a) - 1`` with a denoiser ``D(x, sigma)`` of deepinv, frame by frame.

    Latents are pictures in [-1, 1], so that a noise level ``sigma`` of deepinv, in [0, 1], is ``s / a = 2 sigma``. Any
    schedule will do; a network knows the levels that it was trained on, and is asked for all of the schedule's.

    Attributes:
        denoiser: the class in ``deepinv.models``, such as ``DRUNet``.
        arguments: of the class, but for its weights.
        weights: the file of its parameters, ``.safetensors``, or deepinv's own ``.pth``, of which tensors alone are
            read. Without it a class that has weights to download (its argument ``pretrained``) is refused, since it
            would be random: say ``arguments: {pretrained: download}`` to let deepinv load them, or ``pretrained: null``
            if that is meant.
        schedule: the noise levels; those of EDM by default.
        layout: ``frames`` shows the denoiser each frame as a picture, ``video`` all of ``c t h w``, for a ``DRUNet``
            with ``dim: 3``.
        seed: of random weights.
        given: a denoiser that exists already, which no recipe can write; use `DeepinvDenoiser.of`.

    Raises:
        ComponentError: for a class that deepinv does not have and for arguments that it does not take.
        ReadError: for weights that are missing or not its own.
        PluginError: without deepinv.

    References:
        Tachella et al. 2025; Karras et al. 2022, eq. 3 for the denoiser as a score.

    Examples:
        ```python
        DeepinvDenoiser("MedianFilter")
        ```

        ```yaml
        prior: {use: deepinv_denoiser, denoiser: MedianFilter}
        ```
    """

    references: ClassVar[tuple[str, ...]] = references
    decodes_frames_alone: ClassVar[bool] = True

    denoiser: str = attrs.field(validator=instance(str))
    arguments: Plain = attrs.field(factory=dict, converter=plain, validator=instance(Mapping), hash=False)
    weights: Path | None = attrs.field(default=None, converter=attrs.converters.optional(as_path))
    schedule: Schedule = attrs.field(factory=EDMSchedule, validator=instance(Schedule))
    layout: Layout = attrs.field(default="frames", validator=literal(Layout))
    seed: int = attrs.field(default=0, validator=whole(least=0))
    given: HeldDenoiser | None = attrs.field(
        default=None, validator=optional(instance(HeldDenoiser)), eq=False, repr=False, metadata={"recipe": False}
    )
    _kept: Cache = attrs.field(factory=Cache, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        assert self.held  # the mistakes of a recipe are to be found before it runs

    @classmethod
    def of(cls, denoiser: Any, *, schedule: Schedule | None = None, layout: Layout = "frames") -> "DeepinvDenoiser":
        """The prior of a copy of a denoiser that exists already; raises `ComponentError` for anything else."""
        held = HeldDenoiser.hold(denoiser)
        return cls(given_name(held.denoiser), schedule=schedule or EDMSchedule(), layout=layout, given=held)

    @property
    def held(self) -> HeldDenoiser:
        """deepinv's denoiser."""
        if self.given is not None:
            return self.given
        found: HeldDenoiser = self._kept.get("held", self._made)
        return found

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c t h w`` of `space`; raises `SpaceError` for a number of channels that the denoiser does not take."""
        channels = space.channels
        self._kept.get(("channels", channels), lambda: self._tried(channels))
        return space.shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``2 x - 1``."""
        return (video - HALF) / HALF

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """``0.5 + 0.5 z``."""
        return HALF + HALF * z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The denoised latent and the noise that goes with it; `condition` must be None.

        Raises:
            CapabilityError: for a condition and at ``a = 0``.
            SpaceError: for pictures that the denoiser does not take.
        """
        if condition is not None:
            raise CapabilityError(f"deepinv's {self.denoiser} takes no condition.")
        if level.a == 0:
            raise CapabilityError("a denoiser has nothing to say at a = 0, where there is no signal; start below it.")
        pictures = enter(self.decode(z / level.a), self.layout)
        clean = leave(self.held.denoise(pictures, HALF * level.sbar), self.layout, len(z))
        return Prediction.from_clean(z, self.encode(clean), level)

    def _made(self) -> HeldDenoiser:
        if GIVEN in self.denoiser:
            raise ComponentError(
                f"{self.denoiser!r} was a denoiser given as an object, which its name cannot bring back; use `of`, or "
                "name a class of deepinv.models."
            )
        named = Named("models", self.denoiser, self.arguments, seed=self.seed)
        loads = "pretrained" in named.parameters()
        if self.weights is not None and self.arguments.get("pretrained") is not None:
            raise ComponentError("give `weights` or `arguments: {pretrained: ...}`, not both.")
        if loads and self.weights is None and "pretrained" not in self.arguments:
            raise ComponentError(
                f"deepinv's {self.denoiser} has weights: name their file in `weights`, or say "
                "`arguments: {pretrained: download}`; `pretrained: null` leaves them random."
            )
        made = named.make(**({"pretrained": None} if loads and "pretrained" not in self.arguments else {}))
        if self.weights is not None:
            load_weights(made, self.weights)
        return HeldDenoiser.hold(made)

    def _tried(self, channels: int) -> bool:
        shape = (channels, PROBE, PROBE) if self.layout == "frames" else (channels, PROBE // 2, PROBE, PROBE)
        try:
            with torch.no_grad():
                self.held.denoise(torch.full((1, *shape), HALF), HALF)
        except SpaceError as error:
            raise SpaceError(f"videos of {channels} channels: {error}") from error
        return True
