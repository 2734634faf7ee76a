"""Abstract `Baseline`: an estimate without sampling."""

import abc

from jaxtyping import Float
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.media.recording import Recording
from invsolve.parts import Part
from invsolve.problem import Problem


class Baseline(Part):
    """Estimates the video of a problem in one go; its docstring states what it is told of the truth.

    An evaluation measures it like a sample, under the name that the recipe gives it.

    Examples:
        ```yaml
        baselines: {blurred: {use: repeated}}
        ```
    """

    @abc.abstractmethod
    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """A video ``b c t h w`` in ``problem.space`` for each of the ``b`` observations, without a graph.

        Any other error ends the evaluation.

        Args:
            problem: with the observation ``b c2 t2 h2 w2``, on the device and in the dtype of the result.
            recording: what was read: the observation's space and, where it is known, the truth.

        Raises:
            CapabilityError: where the baseline does not apply to this problem: an evaluation then leaves it out.
        """


def truth_of(problem: Problem, recording: Recording, who: str) -> Float[Tensor, "b c t h w"]:
    """The truth, if it lies in the problem's space; `CapabilityError` names `who` otherwise."""
    truth = recording.truth
    if truth is None or tuple(truth.shape[1:]) != problem.space.shape:
        raise CapabilityError(f"{who} needs the true video, in the space of the solution.")
    return truth.to(problem.observation)
