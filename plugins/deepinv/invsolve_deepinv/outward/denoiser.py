"""`as_denoiser`: a prior as deepinv's denoiser."""

from typing import Any, Final

import torch
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import CapabilityError
from invsolve.prior import Prior
from invsolve.validators import check_type
from invsolve.video.space import VideoSpace
from invsolve_deepinv.library import library
from invsolve_deepinv.outward.noise_level import level_at
from invsolve_deepinv.outward.pictures import Pictures

AFFINE: Final = 1e-9  # relative: how exactly a decoder scales and shifts
_Denoiser: Any = library().models.Denoiser


class PriorDenoiser(_Denoiser):  # type: ignore[misc]  # deepinv has no types
    """``D(x, sigma) = E[x0 | x = x0 + sigma n]`` under a prior whose decoder scales and shifts."""

    def __init__(self, prior: Prior, space: VideoSpace) -> None:
        super().__init__()
        self.prior, self.pictures = prior, Pictures.of(space, space)
        self.offset, self.gain = _scale(prior, space)
        self.levels = Cache(limit=2048)

    def forward(self, x: Tensor, sigma: float | Tensor, **kwargs: Any) -> Tensor:
        """The posterior mean, in [0, 1] up to noise; `sigma` is one number or one for each item.

        `kwargs` are those that deepinv hands to networks and have no effect.
        """
        del kwargs
        levels = torch.as_tensor(sigma, dtype=torch.float64).flatten().expand(len(x)).tolist()
        video = self.pictures.into(x)
        if len(set(levels)) == 1:
            return self.pictures.out(self._denoised(video, levels[0]))
        parts = zip(torch.split(video, 1), levels, strict=True)
        return self.pictures.out(torch.cat([self._denoised(part, level) for part, level in parts]))

    def _denoised(self, video: Tensor, sigma: float) -> Tensor:
        if sigma <= 0:
            return video
        level = self.levels.get(sigma, lambda: level_at(self.prior, sigma / self.gain))
        clean = (video - self.offset.to(video)) / self.gain
        return self.prior.decode(self.prior.predict(level.a * clean, level).z0)


def as_denoiser(prior: Prior, space: VideoSpace) -> PriorDenoiser:
    """A ``deepinv.models.Denoiser`` of a prior, for its plug-and-play and diffusion samplers.

    deepinv's noise is that of pictures in [0, 1]; the prior's is that of its latents. They are one where the decoder
    scales and shifts alone, by the same factor everywhere.

    Args:
        space: of the videos. Single pictures are ``b c h w`` for deepinv, all else ``b c t h w``.

    Raises:
        CapabilityError: for other decoders.
        SpaceError: for a space that the prior does not model.
        PluginError: without deepinv.
    """
    check_type("the first argument of as_denoiser", prior, Prior)
    check_type("the space", space, VideoSpace)
    return PriorDenoiser(prior, space)


def _scale(prior: Prior, space: VideoSpace) -> tuple[Tensor, float]:
    """``D(z) = offset + gain z``."""
    shape = prior.latent_shape(space)
    z = torch.randn(1, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            offset, video = prior.decode(torch.zeros_like(z)), prior.decode(z)
    except RuntimeError:  # a network in single precision is no such decoder
        offset, video = torch.zeros(1, *space.shape), torch.zeros(0)
    if video.shape == z.shape:
        gain = float(((video - offset) * z).sum() / z.square().sum())
        if gain > 0 and float((video - offset - gain * z).norm()) <= AFFINE * float(video.norm()):
            return offset, gain
    raise CapabilityError(
        f"the {type(prior).__name__} prior has a decoder that does more than scale and shift: noise in its latents is "
        "not noise in pictures, so that it is no denoiser of these. Use its own samplers, through as_reconstructor."
    )
