"""`as_physics`: an operator as deepinv's physics."""

from typing import Any

import torch
from torch import Tensor

from invsolve.noise import Noise
from invsolve.operator import LinearOperator, Operator
from invsolve.validators import check_type
from invsolve.video.space import VideoSpace
from invsolve_deepinv.library import library
from invsolve_deepinv.outward.noise import as_noise_model
from invsolve_deepinv.outward.pictures import Pictures

_Physics: Any = library().physics.Physics
_LinearPhysics: Any = library().physics.LinearPhysics


class OperatorPhysics(_Physics):  # type: ignore[misc]  # deepinv has no types
    """An operator that is not linear; deepinv differentiates it."""

    def __init__(self, operator: Operator, space: VideoSpace, noise: Noise | None) -> None:
        super().__init__(**_noise_model(noise))
        self.operator, self.pictures = operator, Pictures.of(space, operator.output_space(space))
        self.img_size = self.pictures.size

    def A(self, x: Tensor, **kwargs: Any) -> Tensor:
        """``A(x)`` without noise; `kwargs` are those that deepinv hands to the noise."""
        del kwargs
        return self.pictures.out(self.operator(self.pictures.into(x)))


class LinearOperatorPhysics(_LinearPhysics):  # type: ignore[misc]  # deepinv has no types
    """A linear operator, with its own adjoint, pseudo-inverse and proximal map in the place of deepinv's iterations."""

    def __init__(self, operator: LinearOperator, space: VideoSpace, noise: Noise | None) -> None:
        pictures = Pictures.of(space, operator.output_space(space))
        super().__init__(img_size=pictures.size, **_noise_model(noise))
        self.operator, self.pictures = operator, pictures

    def A(self, x: Tensor, **kwargs: Any) -> Tensor:
        """``A x`` without noise; `kwargs` are those that deepinv hands to the noise."""
        del kwargs
        return self.pictures.out(self.operator(self.pictures.into(x)))

    def A_adjoint(self, y: Tensor, **kwargs: Any) -> Tensor:
        """``A^T y``."""
        del kwargs
        return self.pictures.out(self.operator.adjoint(self.pictures.into(y)))

    def A_dagger(self, y: Tensor, **kwargs: Any) -> Tensor:
        """``A^+ y``; solver, tolerance and start in `kwargs` have no effect on a result that is exact."""
        del kwargs
        return self.pictures.out(self.operator.pseudo_inverse(self.pictures.into(y)))

    def prox_l2(self, z: Tensor | float | None, y: Tensor, gamma: float | Tensor, **kwargs: Any) -> Tensor:
        """``argmin_u gamma / 2 ||A u - y||^2 + ||u - z||^2 / 2``, exact, so that `kwargs` have no effect.

        `gamma` is one number, or one for each item.
        """
        del kwargs
        observed = self.pictures.into(y)
        if isinstance(z, Tensor):
            start = self.pictures.into(z)
        else:
            start = torch.full((len(y), *self.pictures.space.shape), float(z or 0.0)).to(observed)
        each = torch.as_tensor(gamma, dtype=torch.float64).flatten()
        if len(set(each.tolist())) == 1:
            return self.pictures.out(self.operator.prox(start, observed, 1.0, 1 / float(each[0])))
        items = zip(torch.split(start, 1), torch.split(observed, 1), each.tolist(), strict=True)
        return self.pictures.out(torch.cat([self.operator.prox(u, v, 1.0, 1 / weight) for u, v, weight in items]))


def as_physics(
    operator: Operator, space: VideoSpace, noise: Noise | None = None
) -> OperatorPhysics | LinearOperatorPhysics:
    """A ``deepinv.physics.LinearPhysics`` of a linear operator, a ``deepinv.physics.Physics`` of any other.

    Args:
        space: of the videos. Where they and what is observed of them are single pictures, deepinv sees ``b c h w``,
            otherwise ``b c t h w``.
        noise: its law; None for none, which is deepinv's default too.

    Raises:
        SpaceError: for a space that the operator does not accept.
        CapabilityError: for a noise that deepinv lacks.
        PluginError: without deepinv.

    Examples:
        ```python
        space = VideoSpace(frames=8, height=64, width=64)
        physics = as_physics(TemporalAverage(frames=8), space, GaussianNoise(std=0.01))
        ```
    """
    check_type("the first argument of as_physics", operator, Operator)
    check_type("the space", space, VideoSpace)
    if isinstance(operator, LinearOperator):
        return LinearOperatorPhysics(operator, space, noise)
    return OperatorPhysics(operator, space, noise)


def _noise_model(noise: Noise | None) -> dict[str, Any]:
    return {} if noise is None else {"noise_model": as_noise_model(noise)}
