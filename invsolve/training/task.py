"""Abstract `Task`: what a network is trained to do."""

import abc
from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from invsolve import parts
from invsolve.training.shard import Shard


def device_of_network(network: nn.Module) -> torch.device:
    """The device of a network's parameters."""
    return next(network.parameters()).device


class Task(parts.Part):
    """A network to begin with, its loss, what is measured of it, and the file it ends in.

    Every method draws its random numbers from the seed and the step it is given, so that a step is the same whether
    the run was interrupted before it or not.
    """

    @abc.abstractmethod
    def network(self, seed: int) -> nn.Module:
        """A new network."""

    @abc.abstractmethod
    def loss(self, network: nn.Module, seed: int, step: int, shard: Shard) -> Float[Tensor, ""]:
        """The loss of step `step`: the mean over this part of its batch, which does not depend on the part."""

    @abc.abstractmethod
    def measure(self, network: nn.Module) -> Mapping[str, float]:
        """Numbers on clips kept apart, the same clips and noise every time."""

    @abc.abstractmethod
    def sheet(self, network: nn.Module) -> Float[Tensor, "c h w"]:
        """A picture that shows what the network can do, in [0, 1]."""

    @abc.abstractmethod
    def write(self, network: nn.Module, path: Path, facts: Mapping[str, object]) -> None:
        """Write the model file; `facts` join its card."""
