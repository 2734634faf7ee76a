"""Examples mirrored, transposed and reversed in time."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


def augmented(
    rng: np.random.Generator,
    blurred: Float[Tensor, "b 3 h w"],
    frames: Float[Tensor, "b 3 t h w"],
    motion: Float[Tensor, "b 2 t h4 w4"],
) -> tuple[Float[Tensor, "b 3 h w"], Float[Tensor, "b 3 t h w"], Float[Tensor, "b 2 t h4 w4"]]:
    """One random symmetry of the square for a whole batch, and time run backwards or not."""
    if rng.random() < 0.5:
        blurred, frames, motion = blurred.flip(-1), frames.flip(-1), motion.flip(-1) * _signs(motion, (1, -1))
    if rng.random() < 0.5:
        blurred, frames, motion = blurred.flip(-2), frames.flip(-2), motion.flip(-2) * _signs(motion, (-1, 1))
    if rng.random() < 0.5:
        blurred, frames, motion = (each.transpose(-1, -2) for each in (blurred, frames, motion))
        motion = motion.flip(1)
    if rng.random() < 0.5:
        frames, motion = frames.flip(2), motion.flip(2)
    return blurred, frames, motion


def _signs(like: Tensor, values: tuple[int, int]) -> Tensor:
    return torch.tensor(values, dtype=like.dtype)[:, None, None, None]
