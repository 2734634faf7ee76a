"""The observation as a video in the space of the solution."""

from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.media.recording import Recording
from invsolve.problem import Problem
from invsolve.video.size import stretched
from invsolve.video.transfer import in_transfer


def observed_video(
    problem: Problem, recording: Recording, observed: Float[Tensor, "b c t2 h2 w2"]
) -> Float[Tensor, "b c t h w"]:
    """`observed`, or what was made of it in the same light, in ``problem.space``.

    Raises `CapabilityError` where the channels differ.
    """
    channels, *size = problem.space.shape
    if observed.shape[1] != channels:
        raise CapabilityError(
            f"an observation of {observed.shape[1]} channels cannot stand for a video of {channels} channels."
        )
    return stretched(in_transfer(observed, recording.space.transfer, problem.space.transfer), *size)
