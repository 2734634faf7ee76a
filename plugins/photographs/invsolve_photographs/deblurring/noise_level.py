"""The noise of a photograph, from itself."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

LEAST = 0.004  # what motion, response curve and compression leave unexplained in any photograph


def noise_std(photograph: Float[Tensor, "1 c h w"]) -> float:
    """The std of white noise, in display values: ``median |w| / 0.6745`` of the finest diagonal details ``w``.

    ``w = (p00 - p01 - p10 + p11) / 2`` over blocks of 2 x 2 pixels (Haar's wavelet) has the std of the noise, and
    little of a picture in most places. At least 0.004.

    References:
        Donoho and Johnstone 1994, section 5.
    """
    even = photograph[..., : photograph.shape[-2] // 2 * 2, : photograph.shape[-1] // 2 * 2]
    blocks = F.pixel_unshuffle(even, 2).reshape(1, photograph.shape[1], 4, -1)
    detail = (blocks[:, :, 0] - blocks[:, :, 1] - blocks[:, :, 2] + blocks[:, :, 3]) / 2
    found = float(detail.abs().median()) / 0.6745
    return max(LEAST, found)
