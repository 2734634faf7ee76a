"""`ExactKernel`: a step without discretisation error."""

from typing import final

import attrs
from torch import Tensor

from invsolve.errors import CapabilityError
from invsolve.prior.prediction import Prediction
from invsolve.randomness import Randomness
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import NoiseLevel
from invsolve_samplers.moves.transition import Bridge


@final
@attrs.frozen
class ExactKernel(Kernel):
    """Draw ``z0 ~ p(z0 | z, y)``, then ``z' ~ p(z' | z, z0)``: the exact posterior in any number of steps.

    For a Gaussian conditional ``N(m, C)`` this is ``z' = c1 (m + C^(1/2) n2) + c2 z + sqrt(btilde) n1`` with the
    coefficients of `DDPMKernel`; the term in ``n2`` is what other kernels leave out. Two draws a step.

    It needs a prediction that carries its conditional law: guidance `exact` with a prior that has closed forms
    (`gaussian`, `spectral_gaussian`, `gaussian_mixture`). It is the reference that other samplers are measured by.

    Raises:
        CapabilityError: for a prediction without a conditional.

    References:
        Ancestral sampling of the joint law; the bridge is that of Ho, Jain and Abbeel 2020, eq. 7.

    Examples:
        ```python
        Diffusion(kernel=ExactKernel(), guidance=ExactGuidance(), steps=5)
        ```

        ```yaml
        sampler: {use: diffusion, kernel: {use: exact}, guidance: {use: exact}, steps: 5}
        ```
    """

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        """A draw of the bridge to a draw of the conditional."""
        if prediction.conditional is None:
            raise CapabilityError(
                "the exact kernel needs p(z0 | z, y) in closed form and the guidance gave only a mean. Use guidance "
                "'exact' with a gaussian, spectral_gaussian or gaussian_mixture prior, or another kernel such as ddpm."
            )
        z0 = prediction.conditional.sample(rng)
        return Bridge.between(level, target).sample(z0, z, rng)
