"""`Family`: everything in which one family of video diffusion models differs from another."""

from collections.abc import Callable, Mapping
from typing import Any, final

import attrs
from torch import Tensor

from invsolve.prior.prediction import Parameterisation
from invsolve.schedule import NoiseLevel, Schedule
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.codecs.codec import Codec
from invsolve_diffusers.network.configs import Configs
from invsolve_diffusers.network.frame_rule import FrameRule

Affine = tuple[Any, Any]  # shift and scale, numbers or one number for each channel
Config = Mapping[str, Any]


def as_is(z: Tensor) -> Tensor:
    """The layout ``b c t h w``."""
    return z


def frames_first(z: Tensor) -> Tensor:
    """Between ``b c t h w`` and ``b t c h w``."""
    return z.transpose(1, 2)


def anything_goes(_: Configs) -> str | None:
    """No checkpoint of the family is refused."""
    return None


def fits(_: Configs, __: tuple[int, int, int, int]) -> str | None:
    """Latents of all sizes are taken."""
    return None


@final
@attrs.frozen(eq=False, kw_only=True)
class Family:
    """One family of models. The functions get what `Configs` holds: the checkpoint's own files.

    - ``name, title``: in recipes, for people.
    - ``denoiser_class, denoiser_folder, decoder_class``: in diffusers, and where a checkpoint keeps them.
    - ``codec``: how its autoencoder is called.
    - ``channels``: of its latents.
    - ``frames``: which clip lengths round trip.
    - ``shrinks``: video pixels for each latent pixel.
    - ``patch``: latent pixels for each token, so that sizes are multiples of ``shrinks * patch``.
    - ``pads``: latent frames put before the clip's own, which are decoded to nothing.
    - ``normal``: from the autoencoder, (shift, scale) with ``z = (raw - shift) scale``.
    - ``schedule``: from the scheduler's config, and a shift in place of its own for flow models.
    - ``predicts``: from the scheduler's config, what the denoiser says.
    - ``time``: the level as the denoiser counts it.
    - ``pack, unpack``: latent to the denoiser's layout, and back with the latent's shape.
    - ``arguments``: of the denoiser, beside latent and time.
    - ``beside``: channels that go in beside the latent.
    - ``blocks``: what to checkpoint of a denoiser that has no checkpoints of its own.
    - ``refuses``: why a checkpoint of the family cannot be a prior, or None.
    - ``misfit``: why latents ``c t h w`` do not fit the checkpoint, or None.
    - ``settle``: prepares a denoiser for latents of one shape.
    """

    name: str
    title: str
    references: tuple[str, ...] = ()
    denoiser_class: str
    denoiser_folder: str = "transformer"
    decoder_class: str
    codec: Codec
    channels: Callable[[Configs], int]
    frames: Callable[[Configs], FrameRule]
    shrinks: Callable[[Configs], int]
    patch: Callable[[Configs], int]
    pads: Callable[[Configs], int] = lambda _: 0
    normal: Callable[[Any], Affine]
    schedule: Callable[[Config, float | None], Schedule]
    predicts: Callable[[Config], Parameterisation]
    time: Callable[[NoiseLevel], float]
    pack: Callable[[Tensor], Tensor] = as_is
    unpack: Callable[[Tensor, tuple[int, ...]], Tensor] = lambda z, _: z
    arguments: Callable[[Call], dict[str, Any]]
    beside: Callable[[Configs], int] = lambda _: 0
    blocks: Callable[[Any], list[Any]] | None = None
    refuses: Callable[[Configs], str | None] = anything_goes
    misfit: Callable[[Configs, tuple[int, int, int, int]], str | None] = fits
    settle: Callable[[Any, tuple[int, int, int, int]], None] | None = None
