"""`operator_of`, `noise_of`, `problem_of`: what a physics of deepinv is in invsolve."""

from typing import Any

import torch
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.noise import GaussianNoise, Noise, PoissonGaussianNoise, PoissonNoise
from invsolve.operator import Operator
from invsolve.prior import Prior
from invsolve.problem import Problem
from invsolve_deepinv.bridge.packing import Layout, Packing
from invsolve_deepinv.deepinv_nonlinear_physics import DeepinvNonlinearPhysics
from invsolve_deepinv.deepinv_physics import DeepinvPhysics
from invsolve_deepinv.library import library
from invsolve_deepinv.outward.physics import LinearOperatorPhysics, OperatorPhysics


def operator_of(physics: Any, *, size: tuple[int, ...] | None = None, layout: Layout = "frames") -> Operator:
    """The operator of a physics: `DeepinvPhysics` where it is linear, `DeepinvNonlinearPhysics` otherwise.

    A physics that was made of an operator by `as_physics` is that operator again.

    Raises:
        ComponentError: as the two do.
    """
    if isinstance(physics, OperatorPhysics | LinearOperatorPhysics):
        operator: Operator = physics.operator
        return operator
    if isinstance(physics, library().physics.LinearPhysics):
        return DeepinvPhysics.of(physics, size=size, layout=layout)
    return DeepinvNonlinearPhysics.of(physics, size=size, layout=layout)


def noise_of(physics: Any) -> Noise:
    """The law of a physics' noise: Gaussian, Poisson, or both.

    Raises:
        CapabilityError: for other laws, for one level per picture, and for no noise at all.
    """
    noise, models = physics.noise_model, library().physics
    if isinstance(noise, models.ZeroNoise):
        raise CapabilityError(
            "this physics has no noise, and a posterior needs some; pass noise=GaussianNoise(std=...) with a small std."
        )
    if type(noise) is models.GaussianNoise:
        return GaussianNoise(std=_one("sigma", noise.sigma))
    if type(noise) is models.PoissonNoise:
        gain = _one("gain", noise.gain)
        if not bool(noise.normalize):
            raise CapabilityError(
                f"PoissonNoise(normalize=False) counts photons: multiply the observation by the gain, {gain:g}, and "
                "write normalize=True."
            )
        return PoissonNoise(gain=gain)
    if type(noise) is models.PoissonGaussianNoise:
        return PoissonGaussianNoise(gain=_one("gain", noise.gain), std=_one("sigma", noise.sigma))
    raise CapabilityError(
        f"deepinv's {type(noise).__name__} has no counterpart here; GaussianNoise, PoissonNoise and "
        "PoissonGaussianNoise do. Pass noise=... to say which law comes closest."
    )


def problem_of(
    physics: Any,
    measured: Any,
    prior: Prior,
    *,
    noise: Noise | None = None,
    size: tuple[int, ...] | None = None,
    layout: Layout = "frames",
) -> Problem:
    """The problem of a measurement ``y = physics(x)``, as deepinv made it.

    Each item of the batch is an observation of one frame (``layout="video"``: of a video). Raises as `operator_of` and
    `noise_of` do, and `SpaceError` where parts do not fit.

    Args:
        measured: deepinv's ``y``, of any kind: a batch of pictures, vectors, complex numbers, a `TensorList`.
        noise: instead of the physics' own.
        size: ``c h w`` (``c t h w``) of ``x``, where the physics does not name it.
    """
    operator = operator_of(physics, size=size, layout=layout)
    if isinstance(physics, OperatorPhysics | LinearOperatorPhysics):
        layout = "frames" if physics.pictures.single else "video"
    packing = Packing.of(measured, layout)
    count = len(measured) if isinstance(measured, Tensor) else len(measured[0])
    observation = packing.pack(measured, count)
    return Problem(operator, observation, prior, noise_of(physics) if noise is None else noise)


def _one(name: str, level: Any) -> float:
    values = torch.as_tensor(level).flatten()
    if values.numel() != 1 and not bool((values == values[0]).all()):
        raise CapabilityError(
            f"this physics has {values.numel()} different levels {name}, one for each picture; solve one problem for "
            "each level."
        )
    return float(values[0])
