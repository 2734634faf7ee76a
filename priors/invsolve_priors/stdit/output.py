"""What a network is asked to say, and what is made of what it says."""

import attrs
from torch import Tensor

from invsolve.prediction import Prediction
from invsolve.schedule import NoiseLevel
from invsolve_priors.model_card import ModelCard, Output


def target_of(output: Output, z0: Tensor, eps: Tensor, a: Tensor, s: Tensor) -> Tensor:
    """The answer to ``a z0 + s eps``."""
    match output:
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


def prediction_of(card: ModelCard, z: Tensor, says: Tensor, level: NoiseLevel) -> Prediction:
    """The prediction of an answer; channels beyond those of the latent are a learned variance in [-1, 1].

    **Source:** Nichol and Dhariwal 2021, eq. 15, for the variance between its bounds.
    """
    channels = z.shape[1]
    prediction = _mean_of(card.output, z, says[:, :channels], level)
    if says.shape[1] == channels:
        return prediction
    return attrs.evolve(prediction, variance_fraction=(says[:, channels:] + 1) / 2)


def _mean_of(output: Output, z: Tensor, says: Tensor, level: NoiseLevel) -> Prediction:
    match output:
        case "eps":
            return Prediction.from_eps(z, says, level)
        case "v":
            return Prediction.from_v(z, says, level)
        case "clean":
            return Prediction.from_clean(z, says, level)
        case "flow":
            return Prediction.from_flow(z, says, level)
        case "reverse_flow":
            return Prediction.from_flow(z, -says, level)
