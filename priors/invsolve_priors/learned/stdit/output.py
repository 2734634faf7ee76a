"""Targets of a network, and predictions from its output."""

import attrs
import torch
from torch import Tensor

from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve_priors.learned.model_card import ModelCard, Output

Linear = tuple[Tensor, Tensor]  # estimate ``b z t h w`` and spread ``b`` of a `GaussianEstimate`


def conditioning_channels(condition: Tensor | None, linear: Linear | None) -> Tensor | None:
    """The channels concatenated with the latent: the condition, and the linear estimate where one is corrected."""
    if linear is None:
        return condition
    return linear[0] if condition is None else torch.cat([linear[0], condition], 1)


def target_of(output: Output, z0: Tensor, eps: Tensor, a: Tensor, s: Tensor, linear: Linear | None) -> Tensor:
    """The answer to ``a z0 + s eps``."""
    match output:
        case "residual":
            assert linear is not None
            estimate, spread = linear
            return (z0 - estimate) / spread.view(-1, 1, 1, 1, 1)
        case "eps":
            return eps
        case "v":
            return a * eps - s * z0
        case "clean":
            return z0
        case "flow":
            return eps - z0
        case "reverse_flow":
            return z0 - eps


def prediction_of(card: ModelCard, z: Tensor, answer: Tensor, level: NoiseLevel, linear: Linear | None) -> Prediction:
    """The prediction of an answer; channels beyond those of the latent are a learned variance in [-1, 1].

    References:
        Nichol and Dhariwal 2021, eq. 15, for the variance between its bounds.
    """
    channels = z.shape[1]
    prediction = _mean_of(card.output, z, answer[:, :channels], level, linear)
    if answer.shape[1] == channels:
        return prediction
    return attrs.evolve(prediction, variance_fraction=(answer[:, channels:] + 1) / 2)


def _mean_of(output: Output, z: Tensor, answer: Tensor, level: NoiseLevel, linear: Linear | None) -> Prediction:
    if output != "residual":
        return Prediction.from_output(z, answer, output, level)
    assert linear is not None
    estimate, spread = linear
    return Prediction.from_clean(z, estimate + spread.view(-1, 1, 1, 1, 1) * answer, level)
