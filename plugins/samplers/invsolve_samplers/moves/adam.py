"""Adam, for each element on its own."""

from typing import final

import attrs
import torch
from torch import Tensor

EPSILON = 1e-8


@final
@attrs.frozen(eq=False)
class Moments:
    """Running means of a gradient and of its square, and of how many gradients.

    References:
        Kingma and Ba 2015, algorithm 1.
    """

    first: Tensor
    second: Tensor
    count: int = 0

    @classmethod
    def none(cls, like: Tensor) -> "Moments":
        """Before the first gradient."""
        return cls(torch.zeros_like(like), torch.zeros_like(like))

    def after(self, gradient: Tensor, betas: tuple[float, float]) -> "Moments":
        """With one more gradient."""
        first = self.first.lerp(gradient, 1 - betas[0])
        second = self.second.lerp(gradient.square(), 1 - betas[1])
        return Moments(first, second, self.count + 1)

    def direction(self, betas: tuple[float, float]) -> Tensor:
        """``m / (sqrt(v) + 1e-8)``, both free of the bias of their start: about 1 where gradients agree in sign."""
        first = self.first / (1 - betas[0] ** self.count)
        second = self.second / (1 - betas[1] ** self.count)
        return first / (second.sqrt() + EPSILON)
