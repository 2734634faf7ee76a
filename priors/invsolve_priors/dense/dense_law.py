"""`DenseLaw`: a normal law with a dense covariance, denoised and conditioned by its eigenvectors."""

import math
from functools import cached_property
from typing import Final, final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from invsolve.cache import Cache
from invsolve.errors import CapabilityError, ComponentError
from invsolve.schedule import NoiseLevel
from invsolve_priors.dense.gaussian_conditional import GaussianConditional

TOLERANCE: Final = 1e-8  # of asymmetry and of negative eigenvalues, relative to the largest entry
LOG_TAU: Final = math.log(2 * math.pi)


@final
@attrs.frozen(eq=False)
class DenseLaw:
    """``z0 ~ N(mu, C)`` with ``C = Q diag(lambda) Q^T``; float64 on the CPU, cast once for each dtype and device.

    Attributes:
        shape: ``c t h w`` of a latent; ``mean`` ``d``, ``vectors`` ``d d`` and ``values`` ``d`` have ``d = c t h w``.
    """

    shape: tuple[int, int, int, int]
    mean: Tensor
    vectors: Tensor
    values: Tensor

    @classmethod
    def of(cls, mean: NDArray[np.float64], covariance: NDArray[np.float64], name: str = "covariance") -> "DenseLaw":
        """Decompose a covariance; raises `ComponentError` unless it fits `mean` and is symmetric and non-negative."""
        c, t, h, w = mean.shape
        if covariance.shape != (mean.size, mean.size):
            raise ComponentError(
                f"{name} has shape {covariance.shape}; a mean of c t h w = {mean.shape} has {mean.size} values, so it "
                f"must be {(mean.size, mean.size)}."
            )
        scale = float(np.abs(covariance).max())
        gap = np.abs(covariance - covariance.T)
        row, column = (int(i) for i in np.unravel_index(int(gap.argmax()), gap.shape))
        if gap[row, column] > TOLERANCE * scale:
            raise ComponentError(
                f"{name} must be symmetric, but entry ({row}, {column}) is {covariance[row, column]} and "
                f"({column}, {row}) is {covariance[column, row]}."
            )
        values, vectors = torch.linalg.eigh(torch.from_numpy((covariance + covariance.T) / 2))
        if float(values[0]) < -TOLERANCE * scale:
            raise ComponentError(
                f"{name} must be positive semi-definite, but its smallest eigenvalue is {float(values[0]):.6g} "
                f"(the largest is {float(values[-1]):.6g})."
            )
        return cls((c, t, h, w), torch.from_numpy(mean.reshape(-1).copy()), vectors, values.clamp_min(0.0))

    @cached_property
    def _casts(self) -> Cache:
        return Cache(4)

    def like(self, z: Tensor) -> "DenseLaw":
        """The same law in the dtype and on the device of `z`."""

        def cast() -> DenseLaw:
            return DenseLaw(self.shape, self.mean.to(z), self.vectors.to(z), self.values.to(z))

        return self._casts.get((z.dtype, z.device), cast)

    def denoise(self, z: Tensor, level: NoiseLevel) -> tuple[Tensor, Tensor]:
        """``z0 = mu + a C S^-1 (z - a mu)`` and ``eps = s S^-1 (z - a mu)``, ``S = a^2 C + s^2 I``; shaped like `z`."""
        law = self.like(z)
        centred = (z.flatten(1) - level.a * law.mean) @ law.vectors
        whitened = centred / self._noisy(law.values, level)
        z0 = law.mean + (level.a * law.values * whitened) @ law.vectors.T
        return z0.reshape(z.shape), (level.s * whitened @ law.vectors.T).reshape(z.shape)

    def log_density(self, z: Tensor, level: NoiseLevel) -> Tensor:
        """``log N(z; a mu, a^2 C + s^2 I)`` of each batch item."""
        law = self.like(z)
        centred = (z.flatten(1) - level.a * law.mean) @ law.vectors
        variances = self._noisy(law.values, level)
        return -(centred.square() / variances + variances.log() + LOG_TAU).sum(1) / 2

    def remaining(self, level: NoiseLevel | None) -> Tensor:
        """The eigenvalues of ``Cov[z0 | z_level] = s^2 C S^-1``; without a level those of ``C``. Float64."""
        if level is None:
            return self.values
        return level.s**2 * self.values / self._noisy(self.values, level)

    def around(self, z0: Tensor, level: NoiseLevel) -> GaussianConditional:
        """``p(z0 | z_level)`` of which `z0` is the mean."""
        return GaussianConditional(z0, self.like(z0).vectors, self.remaining(level).sqrt().to(z0))

    def given_both(
        self, z: Tensor | None, level: NoiseLevel | None, matrix: Tensor, y: Tensor, noise_std: float
    ) -> tuple[GaussianConditional, Tensor]:
        """``p(z0 | z_level = z, y)`` for ``y = A z0 + noise_std n``, and ``log p(y | z)`` of each item.

        With a root ``L L^T`` of ``Cov[z0 | z]`` and the singular values ``A L = U diag(p) V^T``, the covariance is
        ``L V diag(s2 / (p^2 + s2)) V^T L^T``: nothing is subtracted, so nothing cancels.
        """
        if not noise_std > 0:
            raise ComponentError(f"noise_std must be positive, got {noise_std}.")
        observed = y.flatten(1).double().cpu()
        if z is None or level is None:
            start, left = self.mean.expand(observed.shape[0], -1), self.values
        else:
            start, left = self.denoise(z.double().cpu(), level)[0].flatten(1), self.remaining(level)
        root = self.vectors * left.sqrt()
        rows, size = matrix.shape
        u, p, vh = torch.linalg.svd(matrix @ root, full_matrices=rows < size)
        noise = noise_std**2
        residual = observed - start @ matrix.T
        inside = (residual @ u)[:, : p.shape[0]]
        mean = start + (inside * (p / (p.square() + noise))) @ (root @ vh[: p.shape[0]].T).T
        kept = torch.ones(size, dtype=torch.float64)
        kept[: p.shape[0]] = noise / (p.square() + noise)
        vectors, stds, _ = torch.linalg.svd((root @ vh.T) * kept.sqrt())
        outside = (residual.square().sum(1) - inside.square().sum(1)).clamp_min(0.0)
        quadratic = (inside.square() / (p.square() + noise)).sum(1) + outside / noise
        normaliser = (p.square() + noise).log().sum() + (rows - p.shape[0]) * math.log(noise) + rows * LOG_TAU
        like = y if z is None else z
        law = GaussianConditional(mean.reshape(-1, *self.shape).to(like), vectors.to(like), stds.to(like))
        return law, -(quadratic + normaliser) / 2

    @staticmethod
    def _noisy(values: Tensor, level: NoiseLevel) -> Tensor:
        if level.s == 0:
            raise CapabilityError("a clean latent (s = 0) needs no prediction: stop at the last noisy level.")
        return level.a**2 * values + level.s**2
