"""Conditioning of normal laws in numpy, written apart from the priors that it checks."""

from typing import final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from invsolve import Conditional, LinearOperator, NoiseLevel, Prior, Randomness

Array = NDArray[np.float64]


@attrs.frozen(eq=False)
class Law:
    """`z0 ~ N(mean, covariance)`; all by matrix inverses."""

    mean: Array
    covariance: Array

    def noisy(self, level: NoiseLevel) -> Array:
        return level.a**2 * self.covariance + level.s**2 * np.eye(len(self.mean))

    def given_latent(self, z: Array, level: NoiseLevel) -> "Law":
        gain = level.a * self.covariance @ np.linalg.inv(self.noisy(level))
        return Law(self.mean + gain @ (z - level.a * self.mean), self.covariance - level.a * gain @ self.covariance)

    def given_observation(self, matrix: Array, y: Array, std: float) -> "Law":
        gram = matrix @ self.covariance @ matrix.T + std**2 * np.eye(len(y))
        gain = self.covariance @ matrix.T @ np.linalg.inv(gram)
        return Law(self.mean + gain @ (y - matrix @ self.mean), self.covariance - gain @ matrix @ self.covariance)

    def log_density(self, x: Array) -> float:
        gap = x - self.mean
        _, logdet = np.linalg.slogdet(self.covariance)
        quadratic = float(gap @ np.linalg.solve(self.covariance, gap))
        return -(quadratic + float(logdet) + len(x) * float(np.log(2 * np.pi))) / 2

    def score(self, z: Array, level: NoiseLevel) -> Array:
        """`grad log p(z_t)`."""
        return -np.linalg.solve(self.noisy(level), z - level.a * self.mean)


def flat(x: Tensor) -> Array:
    array: Array = x.detach().double().reshape(-1).numpy()
    return array


def matrix_of(operator: LinearOperator, shape: tuple[int, ...]) -> Array:
    """The matrix of an operator on latents `c t h w`, column by column."""
    size = int(np.prod(shape))
    basis = torch.eye(size, dtype=torch.float64).reshape(size, *shape)
    return np.stack([flat(operator.forward(basis[i : i + 1])) for i in range(size)], axis=1)


def jacobian(prior: Prior, z: Tensor, level: NoiseLevel) -> Array:
    """`d z0 / d z` of one latent, by autograd."""
    full = torch.autograd.functional.jacobian(lambda latent: prior.predict(latent, level).z0, z)
    array: Array = full.reshape(z.numel(), z.numel()).numpy()
    return array


@final
@attrs.frozen(eq=False)
class Given(Randomness):
    """Gives out chosen normal numbers, one tensor for each draw."""

    draws: list[Tensor]

    def normal(self, like: Tensor) -> Tensor:
        return self.draws.pop(0).reshape(like.shape).to(like)

    def uniform(self, like: Tensor) -> Tensor:
        raise AssertionError("a Gaussian law needs no uniform number")

    def poisson(self, rate: Tensor) -> Tensor:
        raise AssertionError("a Gaussian law needs no Poisson number")

    def at(self, step: int) -> "Given":
        return self


def probed_covariance(sample: "Conditional", sizes: tuple[int, ...]) -> Array:
    """The covariance of `sample`, whose batch has `1 + sum(sizes)` equal rows, from one unit number a row."""
    total = sum(sizes)
    rows = torch.cat([torch.zeros(1, total, dtype=torch.float64), torch.eye(total, dtype=torch.float64)])
    drawn = sample.sample(Given(list(torch.split(rows, list(sizes), dim=1)))).flatten(1).numpy()
    root: Array = drawn[1:] - drawn[:1]
    return root.T @ root
