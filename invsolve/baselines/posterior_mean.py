"""Baseline `posterior_mean`: the mean of the posterior under a prior with a closed form."""

from typing import final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.baselines.baseline import Baseline
from invsolve.errors import CapabilityError
from invsolve.media.recording import Recording
from invsolve.prior import Prior, TractablePrior
from invsolve.problem import Problem
from invsolve.validators import instance


@final
@attrs.frozen
class PosteriorMean(Baseline):
    """``E[x | y]`` under another prior, in closed form: the least squared error that this prior allows.

    Attributes:
        prior: with a closed-form conditional law, such as `spectral_gaussian`, with an affine decoder.

    Raises:
        CapabilityError: for other priors, operators that are not linear, and noise that is not Gaussian.

    Examples:
        ```python
        PosteriorMean(prior=SpectralGaussian()).estimate(problem, recording)
        ```

        ```yaml
        baselines: {spectral_gaussian: {use: posterior_mean, prior: {use: spectral_gaussian}}}
        ```
    """

    prior: Prior = attrs.field(validator=instance(Prior))

    def estimate(self, problem: Problem, recording: Recording) -> Float[Tensor, "b c t h w"]:
        """The decoded mean of the posterior."""
        del recording
        if not isinstance(self.prior, TractablePrior):
            raise CapabilityError(f"posterior_mean needs a prior with a closed-form conditional law, got {self.prior}.")
        self.prior.latent_shape(problem.space)
        with torch.no_grad():
            law = self.prior.conditional(None, None, problem.linear, problem.observation, problem.noise_std)
            return self.prior.decode(law.mean)
