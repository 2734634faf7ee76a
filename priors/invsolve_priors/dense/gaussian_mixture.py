"""`GaussianMixture`: a law of small videos with several modes, exact."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import attrs
import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Matrix, Vector, Video, array_of, matrices_or_file, shown, vector, videos_or_file
from invsolve.errors import ComponentError
from invsolve.operator import LinearOperator
from invsolve.prior import TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.video.space import VideoSpace
from invsolve_priors.dense.dense_law import DenseLaw
from invsolve_priors.dense.gaussian import Gaussian
from invsolve_priors.dense.mixture_conditional import MixtureConditional, weighted
from invsolve_priors.dense.operator_matrix import OperatorMatrices


@final
@attrs.frozen
class GaussianMixture(TractablePrior):
    """``x ~ sum_k w_k N(mu_k, C_k)`` over the flattened values of a video; the latent is the video itself.

    At the level ``z = a z0 + s eps`` with the responsibilities ``pi_k ~ w_k N(z; a mu_k, a^2 C_k + s^2 I)``,

        z0 = sum_k pi_k m_k(z)      Cov[z0 | z] = sum_k pi_k (C0_k + m_k m_k^T) - z0 z0^T

    where ``m_k`` and ``C0_k`` are those of the `gaussian` prior with ``mu_k`` and ``C_k``. Given ``y = A z0 + sigma n``
    as well, the responsibilities gain the factor ``N(y; A m_k, A C0_k A^T + sigma^2 I)`` and each component is
    conditioned on its own. What blur leaves open has several modes: an average over time does not tell a motion from
    its reversal.

    Attributes:
        weights: ``k`` positive numbers; only their proportions count.
        means: ``k`` arrays ``c t h w``, as nested lists, a numpy array or tensor ``k c t h w``, or an ``npy`` or
            ``npz`` file (key ``means``).
        covariances: ``k`` matrices ``d d`` with ``d = c t h w``, given alike (key ``covariances``), each symmetric and
            positive semi-definite.
        schedule: the noise levels; DDPM's linear schedule by default.

    Raises:
        ComponentError: for weights that are not positive, counts or axes that do not fit, an asymmetric matrix or a
            negative eigenvalue.
        ReadError: for a file that cannot be read.
        SpaceError: for videos of another shape.

    References:
        Bayes' rule for mixtures of normal laws; Tweedie's formula, Efron 2011, eq. 1.4.

    Examples:
        ```python
        GaussianMixture(weights=[0.5, 0.5], means=[[[[[0.2]], [[0.8]]]], [[[[0.8]], [[0.2]]]]],
                        covariances=[[[0.01, 0.0], [0.0, 0.01]], [[0.01, 0.0], [0.0, 0.01]]])
        ```

        ```yaml
        prior:
          use: gaussian_mixture
          weights: [0.5, 0.5]
          means: [[[[[0.2]], [[0.8]]]], [[[[0.8]], [[0.2]]]]]
          covariances: [[[0.01, 0.0], [0.0, 0.01]], [[0.01, 0.0], [0.0, 0.01]]]
        ```
    """

    references: ClassVar[tuple[str, ...]] = Gaussian.references
    decodes_frames_alone: ClassVar[bool] = True

    weights: Vector = attrs.field(converter=vector)
    means: Path | tuple[Video, ...] = attrs.field(converter=videos_or_file, repr=shown)
    covariances: Path | tuple[Matrix, ...] = attrs.field(converter=matrices_or_file, repr=shown)
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    def __attrs_post_init__(self) -> None:
        if min(self.weights) <= 0:
            raise ComponentError(f"weights must be positive, got {self.weights}; leave a component out instead.")
        self._laws  # noqa: B018 - decomposing is how the fields are checked

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c t h w`` of `space`, which must be that of the means."""
        space.check_shape(self._laws[0].shape, "a mean of the gaussian_mixture prior")
        return self._laws[0].shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The video itself."""
        return video

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The latent itself."""
        return z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The posterior mean of ``z0`` given ``z``, the noise, and the law ``p(z0 | z)``; `condition` is not used."""
        return self.predict_weighted(z, level, torch.tensor(self.weights, dtype=z.dtype, device=z.device))

    def predict_weighted(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, weights: Tensor) -> Prediction:
        """`predict` with other weights: ``k``, or ``b k`` for each video its own."""
        self.latent_shape(VideoSpace.of(z))
        estimates = [law.denoise(z, level) for law in self._laws]
        densities = torch.stack([law.log_density(z, level) for law in self._laws], dim=1)
        responsibilities = (densities + weights.log()).softmax(1)
        components = tuple(law.around(z0, level) for law, (z0, _) in zip(self._laws, estimates, strict=True))
        law = MixtureConditional(responsibilities, components)
        return Prediction(law.mean, weighted(responsibilities, [eps for _, eps in estimates]), law)

    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Float[Tensor, "b c2 t2 h2 w2"],
        noise_std: float,
    ) -> Conditional:
        """``p(z0 | z, y)``, a `MixtureConditional`; ``p(z0 | y)`` without `z` and `level`."""
        matrix = self._matrices.of(operator, observation)
        both = [law.given_both(z, level, matrix, observation, noise_std) for law in self._laws]
        evidence = [log_evidence for _, log_evidence in both]
        if z is not None and level is not None:
            fine = z.double().cpu()
            evidence = [e + law.log_density(fine, level) for e, law in zip(evidence, self._laws, strict=True)]
        components = tuple(component for component, _ in both)
        return MixtureConditional(self._responsibilities(evidence).to(components[0].mean), components)

    def _responsibilities(self, log_densities: list[Tensor]) -> Tensor:
        stacked = torch.stack(log_densities, dim=1)
        return (stacked + torch.tensor(self.weights, dtype=stacked.dtype, device=stacked.device).log()).softmax(1)

    @cached_property
    def _laws(self) -> tuple[DenseLaw, ...]:
        means, covariances = array_of(self.means, "means", 5), array_of(self.covariances, "covariances", 3)
        if not len(self.weights) == len(means) == len(covariances):
            raise ComponentError(
                f"there are {len(self.weights)} weights, {len(means)} means and {len(covariances)} covariances; give "
                "one of each for every component."
            )
        pairs = zip(means, covariances, strict=True)
        return tuple(DenseLaw.of(mean, cov, f"covariance {k}") for k, (mean, cov) in enumerate(pairs))

    @cached_property
    def _matrices(self) -> OperatorMatrices:
        return OperatorMatrices(self._laws[0].shape)
