"""`CallablePrior`: any denoiser as a prior."""

from collections.abc import Callable
from typing import Any, final

import attrs
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError, ComponentError, SpaceError
from invsolve.prior.prediction import Parameterisation, Prediction
from invsolve.prior.prior import ConditionForm, Prior
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import check_type, instance, literal, number, shown
from invsolve.video.space import VideoSpace

Denoiser = Callable[..., Tensor]
Codec = Callable[[Tensor], Tensor]


def _callable(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
    if not callable(value):
        raise ComponentError(
            f"{type(component).__name__}.{field.name} must be a function or a module, got {shown(value)}."
        )


def _range(component: object, field: "attrs.Attribute[Any]", value: Any) -> None:
    if not isinstance(value, tuple) or len(value) != 2:
        raise ComponentError(f"CallablePrior.values must be the values of black and of white, got {shown(value)}.")
    for each in value:
        number()(component, field, each)
    if value[0] == value[1]:
        raise ComponentError(f"CallablePrior.values must differ for black and white, got {value}.")


@final
@attrs.frozen
class CallablePrior(Prior):
    """The law of videos that a denoiser has learned: ``z = black + (white - black) x``, one call for each prediction.

    A saved run cannot tell two functions of one name apart, nor the parameters of a module: resume it with the same.

    Attributes:
        denoiser: ``denoiser(z, level)`` gives what `predicts` says of ``z = a z0 + s eps``, in the shape of ``z`` and
            for each batch item on its own; ``level`` has ``a``, ``s``, ``sbar = s / a`` and the schedule's own
            ``time``. With `conditional` it is called as ``denoiser(z, level, condition)``.
        schedule: the noise levels it was trained at.
        predicts: ``clean`` (``z0``), ``eps``, ``v``, ``flow`` (``eps - z0``) or ``reverse_flow``, see `Prediction`.
        frames_alone: it knows single pictures: it is given the frames of all videos as ``(b t) c h w``, and a row of
            the condition for each.
        values: of black and of white in what it sees: ``(-1, 1)`` for most diffusion models, ``(0, 1)`` for videos as
            they are.
        encoder: of a latent model, from videos ``b c t h w`` (of pictures ``(b t) c h w``) with `values` to latents and
            back, differentiable; both or neither.
        decoder: of a latent model, from videos ``b c t h w`` (of pictures ``(b t) c h w``) with `values` to latents and
            back, differentiable; both or neither.
        conditional: it takes a condition, which the problem gives.

    Raises:
        ComponentError: for fields of other kinds.
        SpaceError: for what comes back in another shape.
        CapabilityError: where it comes back as no tensor.

    Examples:
        ```python
        # Prior.from_callable, in full
        CallablePrior(lambda z, level: z / (1 + level.s**2), EDMSchedule(), values=(-1, 1))
        ```
    """

    denoiser: Denoiser = attrs.field(validator=_callable)
    schedule: Schedule = attrs.field(validator=instance(Schedule))
    predicts: Parameterisation = attrs.field(default="clean", validator=literal(Parameterisation))
    frames_alone: bool = False
    values: tuple[float, float] = attrs.field(default=(0.0, 1.0), validator=_range)
    encoder: Codec | None = None
    decoder: Codec | None = None
    conditional: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.encoder is None) != (self.decoder is None):
            given = "a decoder" if self.encoder is None else "an encoder"
            raise ComponentError(f"a latent CallablePrior needs an encoder and a decoder; it was given {given} alone.")

    @property
    def decodes_frames_alone(self) -> bool:  # type: ignore[override]  # it depends on the denoiser's kind
        """True for pixels and for autoencoders of pictures."""
        return self.decoder is None or self.frames_alone

    @property
    def condition_form(self) -> ConditionForm:  # type: ignore[override]  # it depends on the denoiser
        """What the caller gives, if the denoiser is conditional."""
        return "given" if self.conditional else "none"

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """The video's own; of a latent model, that of an encoded black video."""
        if self.encoder is None:
            return space.shape
        with torch.no_grad():
            _, c, t, h, w = self.encode(torch.zeros(1, *space.shape)).shape
        return c, t, h, w

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b zc zt zh zw"]:
        """``black + (white - black) x``, encoded."""
        black, white = self.values
        seen = black + (white - black) * video
        return seen if self.encoder is None else self._mapped(self.encoder, seen, "the encoder").to(video)

    def decode(self, z: Float[Tensor, "b zc zt zh zw"]) -> Float[Tensor, "b c t h w"]:
        """``(D(z) - black) / (white - black)``."""
        black, white = self.values
        seen = z if self.decoder is None else self._mapped(self.decoder, z, "the decoder").to(z)
        return (seen - black) / (white - black)

    def predict(
        self, z: Float[Tensor, "b zc zt zh zw"], level: NoiseLevel, condition: Tensor | None = None
    ) -> Prediction:
        """One call of the denoiser."""
        if condition is not None and not self.conditional:
            raise CapabilityError("this denoiser takes no condition; say `conditional=True` if it does.")
        count = z.shape[2]
        seen = rearrange(z, "b c t h w -> (b t) c h w") if self.frames_alone else z
        if self.conditional:
            rows = condition if condition is None or not self.frames_alone else condition.repeat_interleave(count, 0)
            output = self.denoiser(seen, level, rows)
        else:
            output = self.denoiser(seen, level)
        _check(output, seen.shape, "the denoiser")
        back = rearrange(output, "(b t) c h w -> b c t h w", t=count) if self.frames_alone else output
        return Prediction.from_output(z, back.to(z), self.predicts, level)

    def _mapped(self, mapping: Codec, video: Tensor, what: str) -> Tensor:
        seen = rearrange(video, "b c t h w -> (b t) c h w") if self.frames_alone else video
        made = mapping(seen)
        check_type(f"what {what} returns", made, Tensor)
        if made.ndim != seen.ndim or len(made) != len(seen):
            raise SpaceError(
                f"{what} makes {tuple(made.shape)} of {tuple(seen.shape)}: it must keep the batch and axes."
            )
        return rearrange(made, "(b t) c h w -> b c t h w", b=len(video)) if self.frames_alone else made


def _check(output: object, shape: torch.Size, what: str) -> None:
    if not isinstance(output, Tensor):
        raise CapabilityError(
            f"{what} must return a tensor of the shape {tuple(shape)}, got {shown(output)}; wrap it in a function that "
            "takes out what it predicts."
        )
    if output.shape != shape:
        raise SpaceError(f"{what} returns the shape {tuple(output.shape)} for {tuple(shape)}; it must keep the shape.")
