"""Time direction: an average over an exposure cannot tell a motion from its reverse; samples come in both.

``x`` split into parts even and odd under time reversal, ``x = e + o``, has the reverse ``e - o``: a direction is a
sign of the odd part.
"""

from typing import Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from invsolve.errors import SpaceError
from invsolve.noise import Noise
from invsolve.posterior.gram import gram

FLIPS: Final = 10  # at most, for each sample
INVISIBLE: Final = 1e-3  # standard deviations of the noise; rounding stays far below it
TIME: Final = -3  # the axis t of ... c t h w


def turned(samples: Float[Tensor, "..."], reference: Float[Tensor, "..."]) -> Float[Tensor, "s b c t h w"]:
    """Each of `samples` or its reverse in time, whichever has the smaller squared distance to `reference`.

    Where both are equally far, as for videos that do not change, samples stay as they are.

    Raises:
        SpaceError: where `reference` has not the shape of one sample.
    """
    if samples.ndim != 6 or reference.shape != samples.shape[1:]:
        raise SpaceError(
            f"samples of shape s b c t h w = {tuple(samples.shape)} cannot be turned like a reference of shape "
            f"{tuple(reference.shape)}: it needs the shape b c t h w of one sample."
        )
    agreement = (samples * odd_part(reference)).flatten(2).sum(2)
    return _reversed_where(samples, agreement < 0)


def aligned(samples: Float[Tensor, "s b c t h w"]) -> Float[Tensor, "s b c t h w"]:
    """All samples of an observation in one direction of time: that of its first sample.

    The signs ``d_i`` of the odd parts ``o_i`` maximise ``|| sum_i d_i o_i ||^2``, which minimises the variance around
    the mean: they begin as those of the leading eigenvector of ``<o_i, o_j>`` and are flipped one by one while that
    helps (exact up to a local optimum; the problem is that of a maximum cut).
    """
    flips = torch.stack([opposed(gram(odd_part(samples[:, b]))) for b in range(samples.shape[1])], dim=1)
    return _reversed_where(samples, flips.to(samples.device))


def one_direction(samples: Float[Tensor, "s b c t h w"], reversible: bool) -> Float[Tensor, "s b c t h w"]:
    """The samples, `aligned` where they are `reversible`: where the observation does not tell their direction of time.

    Args:
        reversible: by the `Verdict` on the samples.
    """
    return aligned(samples) if reversible else samples


def indistinguishable(
    mean: Float[Tensor, "b c t h w"], reverse: Float[Tensor, "b c t h w"], noise: Noise
) -> Bool[Tensor, " b"]:
    """True where observations are the same to 0.001 of the noise's std (root mean square over values), item by item.

    Args:
        mean: ``A(x)``.
        reverse: ``A`` of the reverse of ``x`` in time.
    """
    seen = ((mean - reverse) / noise.standard_deviation(mean)).square().flatten(1).mean(1)
    return seen <= INVISIBLE**2


def odd_part(video: Float[Tensor, "*axes"]) -> Float[Tensor, "*axes"]:
    """``(x - reverse(x)) / 2``: what time reversal changes the sign of, for axes ``... c t h w``."""
    return (video - video.flip(TIME)) / 2


def opposed(products: Float[Tensor, "s s"]) -> Bool[Tensor, " s"]:
    """True for each sample that runs against the first, by the inner products of their odd parts."""
    leading = torch.linalg.eigh(products).eigenvectors[:, -1]
    signs = torch.where(leading < 0, -1.0, 1.0).to(products)
    for _ in range(FLIPS * len(products)):
        # the sum of the others, seen from each sample: below 0, its flip makes the whole longer
        gains = signs * (products @ signs) - products.diagonal()
        worst = int(gains.argmin())
        if gains[worst] >= -1e-12 * float(products.diagonal().sum()):
            break
        signs[worst] *= -1
    return signs * signs[0] < 0


def _reversed_where(samples: Tensor, flip: Bool[Tensor, "s b"]) -> Tensor:
    return torch.where(flip[:, :, None, None, None, None], samples.flip(TIME), samples)
