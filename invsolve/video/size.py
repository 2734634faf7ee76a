"""`stretched`: a video at another size."""

import torch
from torch import Tensor


def stretched(video: Tensor, frames: int, height: int, width: int) -> Tensor:
    """A video ``b c t h w`` of another size: the frame nearest in time, bicubic in space."""
    b, c, t, h, w = video.shape
    nearest = ((torch.arange(frames) + 0.5) * t / frames).long().to(video.device)
    video = video[:, :, nearest]
    if (h, w) == (height, width):
        return video
    flat = video.reshape(b, c * frames, h, w)
    scaled = torch.nn.functional.interpolate(flat, size=(height, width), mode="bicubic", antialias=True)
    return scaled.reshape(b, c, frames, height, width)
