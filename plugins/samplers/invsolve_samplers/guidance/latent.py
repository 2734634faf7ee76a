"""Common to the rules for latent priors: the gradient of a distance in the latent space through the encoder."""

import torch
from torch import Tensor

from invsolve.operator.norms import unit
from invsolve.operator.pull_back import pull_back
from invsolve.problem import Problem


def encoder_pull_back(problem: Problem, video: Tensor, z0: Tensor) -> tuple[Tensor, Tensor]:
    """``(dE/dx)^T q / ||q||`` and ``q / ||q||`` for ``q = z0 - E(video)``."""
    video = video.detach().requires_grad_()
    with torch.enable_grad():
        code = problem.encode_traced(video)
    direction = unit(z0 - code.detach())
    return pull_back(code, video, direction), direction
