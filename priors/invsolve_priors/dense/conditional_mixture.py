"""`ConditionalMixture`: a mixture of normal laws whose weights are the condition."""

from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.prior import ConditionForm, Prior
from invsolve.prior.prediction import Prediction
from invsolve.schedule import NoiseLevel, Schedule
from invsolve.validators import instance
from invsolve.video.space import VideoSpace
from invsolve_priors.dense.gaussian_mixture import GaussianMixture


@final
@attrs.frozen
class ConditionalMixture(Prior):
    """``p(x | c) = sum_k c_k N(mu_k, C_k)``: the smallest prior that takes a condition, exact.

    The condition ``c`` of a video is ``k`` weights, at least 0, of which only the proportions count: ``[0, 1]`` is the
    second component, a class label. Without a condition the mixture's own weights hold. It is what guidance by a
    condition (`cfg` and its relatives) is tested with.

    Attributes:
        mixture: the components and their weights.

    Raises:
        ComponentError: for a condition that is not a row of ``k`` weights for each video.

    References:
        Bayes' rule for mixtures of normal laws, as in `gaussian_mixture`.

    Examples:
        ```python
        ConditionalMixture(mixture=GaussianMixture(weights=[0.5, 0.5], means=means, covariances=covariances))
        ```

        ```yaml
        prior:
          use: conditional_mixture
          mixture:
            use: gaussian_mixture
            weights: [0.5, 0.5]
            means: [[[[[0.2]], [[0.8]]]], [[[[0.8]], [[0.2]]]]]
            covariances: [[[0.01, 0.0], [0.0, 0.01]], [[0.01, 0.0], [0.0, 0.01]]]
        ```
    """

    references: ClassVar[tuple[str, ...]] = GaussianMixture.references
    decodes_frames_alone: ClassVar[bool] = True
    condition_form: ClassVar[ConditionForm] = "given"

    mixture: GaussianMixture = attrs.field(validator=instance(GaussianMixture))

    @property
    def schedule(self) -> Schedule:  # type: ignore[override]  # read-only
        """The mixture's."""
        return self.mixture.schedule

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c t h w`` of `space`, which must be that of the means."""
        return self.mixture.latent_shape(space)

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The video itself."""
        return video

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The latent itself."""
        return z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The posterior mean of ``z0`` given ``z``, the noise, and the law ``p(z0 | z, c)``."""
        if condition is None:
            return self.mixture.predict(z, level)
        expected = (len(z), len(self.mixture.weights))
        weights = condition.to(z)
        if tuple(weights.shape) != expected or bool((weights < 0).any()) or not bool((weights.sum(1) > 0).all()):
            raise ComponentError(
                f"a condition holds one weight for each of the {expected[1]} components and each of {expected[0]} "
                f"videos, none negative and not all 0; got shape {tuple(weights.shape)}, values from "
                f"{float(weights.min()):g} to {float(weights.max()):g}."
            )
        return self.mixture.predict_weighted(z, level, weights)
