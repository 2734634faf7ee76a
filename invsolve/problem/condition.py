"""`condition_of`: what a conditional prior is told of an observation."""

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.operator import LinearOperator, Operator
from invsolve.prior import Prior
from invsolve.prior.residual import ResidualPrior
from invsolve.video.space import VideoSpace


def condition_of(
    prior: Prior, operator: Operator, observation: Float[Tensor, "b c t h w"], space: VideoSpace
) -> Float[Tensor, "b ..."]:
    """The observation as the prior's `condition_form` asks for it, one row for each observation.

    ``frame``: the latent of one picture, ``b z 1 h w``: of the observation, where it is one picture of the video's
    size, else of the mean over time of ``A^+ y``. ``channels``: the latent of the observation where it has the video's
    size, else of ``A^+ y``. ``vector``: the mean of each of its channels, ``b t z``.

    Args:
        space: the space of the video to be found.

    Raises:
        CapabilityError: for a prior whose condition cannot be made of an observation, and for an operator that is not
            linear where ``A^+`` is needed.
    """
    check_condition(prior, wanted=True)
    coder = prior.prior if isinstance(prior, ResidualPrior) else prior
    shape, picture = tuple(observation.shape[1:]), (space.channels, 1, space.height, space.width)
    with torch.no_grad():
        if prior.condition_form == "frame":
            if shape != picture:
                observation = _inverted(operator, observation, prior).mean(2, keepdim=True)
            return coder.encode(observation)
        if shape != space.shape:
            observation = _inverted(operator, observation, prior)
        latent = coder.encode(observation)
    return latent if prior.condition_form == "channels" else latent.mean((3, 4)).transpose(1, 2)


def check_condition(prior: Prior, *, wanted: bool) -> None:
    """Raise `CapabilityError` unless a prior gets a condition where it needs one, and none where it takes none.

    Args:
        wanted: whether the observation is to be the condition.
    """
    form = prior.condition_form
    name = type(prior).__name__
    if not wanted:
        if form != "none":
            how = "`condition: observation`" if form != "given" else "`condition` with the prior"
            raise CapabilityError(f"{name} predicts under a condition, and there is none: write {how}.")
        return
    if form == "none":
        raise CapabilityError(f"{name} takes no condition, or has one of its own; leave `condition: observation` out.")
    if form == "given":
        raise CapabilityError(
            f"{name} takes a condition that cannot be made of an observation; give the prior its own. A network that"
            " was trained with the picture as its first frame goes into `exposure_conditioned`."
        )


def _inverted(operator: Operator, observation: Tensor, prior: Prior) -> Tensor:
    if not isinstance(operator, LinearOperator):
        raise CapabilityError(
            f"the observation of {operator} has another size than the video, and A^+ y needs a linear operator: it"
            f" cannot be the condition of {type(prior).__name__}."
        )
    return operator.pseudo_inverse(observation)
