"""`Gaussian`: a normal law of small videos with any covariance, exact."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import attrs
from jaxtyping import Float
from torch import Tensor

from invsolve.arrays import Matrix, Video, array_of, matrix_or_file, shown, video_or_file
from invsolve.operator import LinearOperator
from invsolve.prior import TractablePrior
from invsolve.prior.conditional import Conditional
from invsolve.prior.prediction import Prediction
from invsolve.schedule import DiscreteSchedule, NoiseLevel, Schedule
from invsolve.video.space import VideoSpace
from invsolve_priors.dense.dense_law import DenseLaw
from invsolve_priors.dense.operator_matrix import OperatorMatrices


@final
@attrs.frozen
class Gaussian(TractablePrior):
    """``x ~ N(mu, C)`` over the ``d = c t h w`` flattened values of a video; the latent is the video itself.

    At the level ``z = a z0 + s eps``, with ``S = a^2 C + s^2 I``:

        z0 = mu + a C S^-1 (z - a mu)      eps = s S^-1 (z - a mu)      Cov[z0 | z] = s^2 C S^-1

    and for ``y = A z0 + sigma n``, with ``K = C0 A^T (A C0 A^T + sigma^2 I)^-1`` and ``C0 = Cov[z0 | z]``,

        E[z0 | z, y] = z0 + K (y - A z0)     Cov[z0 | z, y] = (I - K A) C0

    for any linear ``A``. All of it is dense algebra in float64: meant for small videos (``d`` up to some thousand) and
    as the law against which samplers are certified.

    Attributes:
        mean: ``mu``, numbers over ``c t h w``: nested lists, a numpy array, a tensor, or the path of a file (of several
            arrays the one called ``mean``).
        covariance: ``C``, ``d d`` over the flattened ``c t h w``, given alike; symmetric and positive semi-definite.
        schedule: the noise levels; DDPM's linear schedule by default.

    Raises:
        ComponentError: for numbers that are not finite, axes that do not fit, an asymmetric matrix or a negative
            eigenvalue.
        ReadError: for a file that cannot be read.
        SpaceError: for videos of another shape.

    References:
        Conditioning of normal laws; the denoiser is Tweedie's formula, Efron 2011, eq. 1.4.

    Examples:
        ```python
        Gaussian(mean=[[[[0.5]], [[0.4]]]], covariance=[[0.04, 0.03], [0.03, 0.04]])
        ```

        ```yaml
        prior: {use: gaussian, mean: [[[[0.5]], [[0.4]]]], covariance: [[0.04, 0.03], [0.03, 0.04]]}
        ```
    """

    references: ClassVar[tuple[str, ...]] = (
        "@article{efron2011tweedie, title={Tweedie's Formula and Selection Bias}, author={Efron, Bradley}, "
        "journal={Journal of the American Statistical Association}, volume={106}, number={496}, pages={1602--1614}, "
        "year={2011}}",
    )
    decodes_frames_alone: ClassVar[bool] = True

    mean: Path | Video = attrs.field(converter=video_or_file, repr=shown)
    covariance: Path | Matrix = attrs.field(converter=matrix_or_file, repr=shown)
    schedule: Schedule = attrs.field(factory=DiscreteSchedule)

    def __attrs_post_init__(self) -> None:
        self._law  # noqa: B018 - decomposing is how the fields are checked

    def latent_shape(self, space: VideoSpace) -> tuple[int, int, int, int]:
        """``c t h w`` of `space`, which must be that of the mean."""
        space.check_shape(self._law.shape, "the mean of the gaussian prior")
        return self._law.shape

    def encode(self, video: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The video itself."""
        return video

    def decode(self, z: Float[Tensor, "b c t h w"]) -> Float[Tensor, "b c t h w"]:
        """The latent itself."""
        return z

    def predict(self, z: Float[Tensor, "b c t h w"], level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        """The posterior mean of ``z0`` given ``z``, the noise, and the law ``p(z0 | z)``; `condition` is not used."""
        VideoSpace.of(z).check_shape(self._law.shape, "the mean of the gaussian prior")
        z0, eps = self._law.denoise(z, level)
        return Prediction(z0, eps, self._law.around(z0, level))

    def conditional(
        self,
        z: Tensor | None,
        level: NoiseLevel | None,
        operator: LinearOperator,
        observation: Float[Tensor, "b c2 t2 h2 w2"],
        noise_std: float,
    ) -> Conditional:
        """``p(z0 | z, y)``, a `GaussianConditional`; ``p(z0 | y)`` without `z` and `level`."""
        matrix = self._matrices.of(operator, observation)
        return self._law.given_both(z, level, matrix, observation, noise_std)[0]

    @cached_property
    def _law(self) -> DenseLaw:
        return DenseLaw.of(array_of(self.mean, "mean", 4), array_of(self.covariance, "covariance", 2))

    @cached_property
    def _matrices(self) -> OperatorMatrices:
        return OperatorMatrices(self._law.shape)
