"""The axes of the tensors that contracts speak of, checked under pytest."""

from jaxtyping import Float
from torch import Tensor

Video = Float[Tensor, "b c t h w"]
"""Videos in [0, 1]: batch, channel, time, height, width."""
Observation = Float[Tensor, "b yc yt yh yw"]
"""An operator's output: the same axes, in the shape of its output space."""
Latent = Float[Tensor, "b zc zt zh zw"]
"""Latents of a prior: the same axes, in its latent shape, of about unit variance."""
PerTrajectory = Float[Tensor, " b"]
"""One number for each trajectory, that is for each row of a batch."""
