"""Baseline `true_latents`: what the autoencoder alone loses."""

from typing import final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.baselines.baseline import Baseline, truth_of
from invsolve.media.recording import Recording
from invsolve.problem import Problem


@final
@attrs.frozen
class TrueLatents(Baseline):
    """``D(E(truth))``: the truth through the prior's own latent space; about the best that a sampler there can reach.

    It knows the truth: a limit, not a competitor.

    Raises:
        CapabilityError: without a truth.

    Examples:
        ```python
        TrueLatents().estimate(problem, recording)
        ```

        ```yaml
        baselines: {autoencoder: {use: true_latents}}
        ```
    """

    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """The truth, encoded and decoded."""
        return problem.decode(problem.encode(truth_of(problem, recording, "true_latents")))
