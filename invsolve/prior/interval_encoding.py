"""`encode_intervals`: when each frame was exposed, as numbers that a network can read."""

from typing import Final

import torch
from torch import Tensor

FREQUENCIES: Final = 12  # of each end of an interval, sines and cosines
NUMBERS: Final = 4 * FREQUENCIES  # of one interval
BASE: Final = 10_000.0


def encode_intervals(intervals: Tensor, frequency_scale: float = 1.0) -> Tensor:
    """``[sin(p w_0..11), cos(p w_0..11)]`` of both ends ``p`` of each interval, ``w_k = 10000^(-k / 12)``: ``n 48``.

    Args:
        intervals: ``n 2``, start and end, the input's own exposure being -0.5 to 0.5.
        frequency_scale: multiplies the frequencies; with 1 the encoding is nearly linear.
    """
    steps = torch.arange(FREQUENCIES, dtype=intervals.dtype, device=intervals.device)
    phases = intervals[..., None] * frequency_scale * BASE ** (-steps / FREQUENCIES)
    return torch.cat([phases.sin(), phases.cos()], dim=-1).flatten(1)


def grouped(intervals: Tensor, latents: int, frames_per_latent: int) -> Tensor:
    """The intervals of the frames that share a latent frame, ``latents frames_per_latent 2``.

    A causal encoder puts the first frame alone into the first latent frame, which is then filled up with repeats of it;
    where intervals are missing at the end, the last one is repeated.
    """
    frames = frames_per_latent * (latents - 1) + 1
    after = intervals[-1:].expand(frames - len(intervals), 2)
    before = intervals[:1].expand(frames_per_latent - 1, 2)
    return torch.cat([before, intervals, after]).reshape(latents, frames_per_latent, 2)
