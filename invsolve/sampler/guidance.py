"""Abstract `Guidance`: how the observation enters a step."""

import abc
import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from invsolve.parts import Part
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel

Info = Mapping[str, Tensor]  # name -> one number for each trajectory, shape (b,)


class Guidance(Part):
    """A rule that corrects a denoising step by the observation; it calls the prior and the kernel itself."""

    requires: ClassVar[frozenset[Requirement]] = frozenset()

    @abc.abstractmethod
    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> tuple[Tensor, Info]:
        """``z'`` at `target` and what to record of this step, such as ``misfit``."""


def misfit(residual: Tensor) -> Tensor:
    """``sqrt(mean(r^2))`` of each trajectory, in units of the observation: what the trace calls ``misfit``."""
    return norms(residual) / math.sqrt(residual.numel() // residual.shape[0])


def norms(tensor: Tensor) -> Tensor:
    """The Euclidean norm of each trajectory, shape (b,)."""
    found: Tensor = torch.linalg.vector_norm(tensor, dim=tuple(range(1, tensor.ndim)))
    return found


def lengths(tensor: Tensor) -> Tensor:
    """`norms` in a shape that scales tensors like `tensor`, and never 0, so that one may divide by it."""
    found: Tensor = torch.linalg.vector_norm(tensor, dim=tuple(range(1, tensor.ndim)), keepdim=True)
    return found.clamp_min(torch.finfo(tensor.dtype).tiny)
