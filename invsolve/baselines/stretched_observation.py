"""The observation as a video in the space of the solution."""

from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.media.recording import Recording
from invsolve.problem import Problem
from invsolve.video.size import stretched
from invsolve.video.transfer import in_transfer


def observation_in_space(
    problem: Problem, recording: Recording, observation: Float[Tensor, "b c t2 h2 w2"]
) -> Float[Tensor, "b c t h w"]:
    """`observation`, or what was made of it in the same light, in ``problem.space``.

    Raises:
        CapabilityError: where the channels differ.
    """
    channels, *size = problem.space.shape
    if observation.shape[1] != channels:
        raise CapabilityError(
            f"an observation of {observation.shape[1]} channels cannot stand for a video of {channels} channels."
        )
    return stretched(in_transfer(observation, recording.space.transfer, problem.space.transfer), *size)
