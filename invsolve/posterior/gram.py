"""Inner products of samples with each other."""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

VALUES: Final = 2**20  # of each sample that are held in float64 at a time


def gram(samples: Float[Tensor, "s *axes"]) -> Float[Tensor, "s s"]:
    """``<x_i, x_j>`` in float64, on the CPU."""
    parts = torch.split(samples.detach().flatten(1), VALUES, dim=1)
    return torch.stack([part.double() @ part.double().T for part in parts]).sum(0).cpu()
