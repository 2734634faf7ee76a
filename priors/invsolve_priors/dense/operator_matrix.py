"""`OperatorMatrices`: linear operators on small videos, as matrices."""

from typing import Final, final

import attrs
import torch
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import SpaceError
from invsolve.operator import LinearOperator

CHUNK: Final = 256  # basis videos that pass the operator together


@final
@attrs.frozen(eq=False)
class OperatorMatrices:
    """The matrices of the operators used last, each made once by applying the operator to all basis videos.

    An operator is frozen, so that its identity is enough to know it again.
    """

    shape: tuple[int, int, int, int]
    _made: Cache = attrs.field(factory=lambda: Cache(4), init=False)

    def of(self, operator: LinearOperator, observation: Tensor) -> Tensor:
        """``A`` over flattened elements, ``m d``, in float64; raises `SpaceError` if `observation` does not fit it."""
        matrix = self._made.get(id(operator), lambda: (operator, self._make(operator)))[1]
        if matrix.shape[0] != observation[0].numel():
            raise SpaceError(
                f"{operator} maps a latent of c t h w = {self.shape} to {matrix.shape[0]} values, but the observation "
                f"of c t h w = {tuple(observation.shape[1:])} has {observation[0].numel()}."
            )
        return matrix

    def _make(self, operator: LinearOperator) -> Tensor:
        size = torch.Size(self.shape).numel()
        basis = torch.eye(size, dtype=torch.float64).reshape(size, *self.shape)
        return torch.cat([operator.forward(part).flatten(1) for part in torch.split(basis, CHUNK)]).T
