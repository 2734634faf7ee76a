"""Baseline `repeated`: the observation itself."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.baselines.baseline import Baseline
from invsolve.baselines.stretched_observation import observation_in_space
from invsolve.media.recording import Recording
from invsolve.problem import Problem


@final
@attrs.frozen
class Repeated(Baseline):
    """The observed frame nearest in time, in the light of the solution: one blurred frame is repeated for all.

    Missing pixels are bicubic.

    Raises:
        CapabilityError: where the observation has other channels than the solution.

    Examples:
        ```python
        Repeated().estimate(problem, recording)
        ```

        ```yaml
        baselines: {blurred: {use: repeated}}
        ```
    """

    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """The observation, stretched to the solution's space."""
        return observation_in_space(problem, recording, problem.observation)
