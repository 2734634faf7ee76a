"""Closed forms of Gaussian inverse problems in numpy, written apart from the library that they check.

`z_t = a z0 + s eps`, `z0 ~ N(mu, C)`, `y = A z0 + sigma e`. Samplers whose steps are affine are followed exactly by a
recursion of mean and covariance (`Chain`).
"""

from collections.abc import Callable
from itertools import pairwise

import attrs
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Level = tuple[float, float]  # (a, s)
Gain = Callable[["Oracle", float, float], Array]


@attrs.frozen(eq=False)
class Oracle:
    mu: Array
    C: Array
    A: Array
    sigma: float
    y: Array

    @property
    def eye(self) -> Array:
        return np.eye(len(self.mu))

    @property
    def posterior(self) -> tuple[Array, Array]:
        gain = self.C @ self.A.T @ np.linalg.inv(self.A @ self.C @ self.A.T + self.noise)
        return self.mu + gain @ (self.y - self.A @ self.mu), self.C - gain @ self.A @ self.C

    @property
    def noise(self) -> Array:
        return self.sigma**2 * np.eye(len(self.y))

    def jacobian(self, a: float, s: float) -> Array:
        return a * self.C @ np.linalg.inv(a * a * self.C + s * s * self.eye)

    def offset(self, a: float, s: float) -> Array:
        """j0 of z0hat = J z + j0."""
        return self.mu - a * self.jacobian(a, s) @ self.mu

    def uncertainty(self, a: float, s: float) -> Array:
        """Cov[z0 | z]."""
        return s * s * self.C @ np.linalg.inv(a * a * self.C + s * s * self.eye)

    def clean(self, z: Array, a: float, s: float) -> Array:
        return self.jacobian(a, s) @ z + self.offset(a, s)


MEAN = np.full((1, 4), 0.25)
MU = np.array([0.5, -0.2, 0.1, 0.3])
Y = np.array([0.7])
G1 = Oracle(MU, 0.9 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4))), MEAN, 0.1, Y)
G2 = Oracle(MU, np.diag([4.0, 0.04, 1.0, 0.25]), MEAN, 0.1, Y)
ISOTROPIC = Oracle(MU, np.eye(4), MEAN, 0.1, Y)


def solve_gram(o: Oracle, covariance: Array) -> Array:
    return np.linalg.inv(o.A @ covariance @ o.A.T + o.noise)


def no_gain(o: Oracle, a: float, s: float) -> Array:
    return np.zeros_like(o.A.T)


def exact_gain(o: Oracle, a: float, s: float) -> Array:
    c0 = o.uncertainty(a, s)
    return c0 @ o.A.T @ solve_gram(o, c0)


def pigdm_gain(o: Oracle, a: float, s: float, variance: float = 1.0) -> Array:
    r2 = s * s * variance / (s * s + a * a * variance)
    return o.uncertainty(a, s) @ o.A.T @ solve_gram(o, r2 * o.eye)


def bayes_gain(o: Oracle, a: float, s: float) -> Array:
    return o.uncertainty(a, s) @ o.A.T / o.sigma**2


def diffpir_gain(o: Oracle, a: float, s: float) -> Array:
    r2 = (s / a) ** 2
    return r2 * o.A.T @ solve_gram(o, r2 * o.eye)


def ddnm_gain(o: Oracle, a: float, s: float) -> Array:
    return np.linalg.pinv(o.A)


@attrs.frozen(eq=False)
class Guided:
    """The affine maps of one step: z0hat' = X z + x0 and eps = E z + e."""

    X: Array
    x0: Array
    E: Array
    e: Array


def guided(o: Oracle, gain: Gain, a: float, s: float, original_eps: bool = False) -> Guided:
    k, jacobian, offset = gain(o, a, s), o.jacobian(a, s), o.offset(a, s)
    rest = o.eye - k @ o.A
    x, x0 = rest @ jacobian, rest @ offset + k @ o.y
    shown, shift = (jacobian, offset) if original_eps else (x, x0)
    return Guided(x, x0, (o.eye - a * shown) / s, -a * shift / s)


def linear_betas(count: int = 1000) -> list[Level]:
    abar = np.cumprod(1 - np.linspace(1e-4, 0.02, count))
    return [(float(np.sqrt(x)), float(np.sqrt(1 - x))) for x in abar[::-1]] + [(1.0, 0.0)]


def continuous_vp(count: int, low: float = 0.1, high: float = 20.0) -> list[Level]:
    times = np.arange(count, -1, -1) / count
    abar = np.exp(-(low * times + (high - low) * times**2 / 2))
    return [(float(np.sqrt(x)), float(np.sqrt(1 - x))) for x in abar]


def ddim_step(o: Oracle, gain: Gain, level: Level, target: Level, eta: float, original_eps: bool = False):
    """z' = a' z0 + sqrt(s'^2 - sig^2) eps + sig n with DDIM's eta; 1 is DDPM."""
    (a, s), (a2, s2) = level, target
    sig = eta * np.sqrt(max(s2 * s2 / (s * s) * (1 - (a * a) / (a2 * a2)), 0.0)) if s2 > 0 else 0.0
    g = guided(o, gain, a, s, original_eps)
    c = np.sqrt(max(s2 * s2 - sig * sig, 0.0))
    return a2 * g.X + c * g.E, a2 * g.x0 + c * g.e, sig * sig * o.eye


def fraction_step(o: Oracle, gain: Gain, level: Level, target: Level, eta: float, original_eps: bool = False):
    """z' = a' z0 + s' (sqrt(1 - eta^2) eps + eta n)."""
    (a, s), (a2, s2) = level, target
    g = guided(o, gain, a, s, original_eps)
    c = s2 * np.sqrt(1 - eta * eta)
    return a2 * g.X + c * g.E, a2 * g.x0 + c * g.e, (eta * s2) ** 2 * o.eye


def chain(levels: list[Level], step, start: tuple[Array, Array]) -> tuple[Array, Array]:
    """Mean and covariance at the end; `step(level, target)` gives F, f, Q of z' = F z + f + N(0, Q)."""
    m, p = start
    for level, target in pairwise(levels):
        f_matrix, f, q = step(level, target)
        m, p = f_matrix @ m + f, f_matrix @ p @ f_matrix.T + q
    return m, p


def ddrm_step(o: Oracle, level: Level, target: Level, eta: float, eta_b: float):
    """DDRM in the basis of A's right singular vectors, in units of the clean signal, then back."""
    (a, s), (a2, s2) = level, target
    sb, sb2 = s / a, s2 / a2
    u, values, vt = np.linalg.svd(o.A, full_matrices=True)
    d = len(o.mu)
    singular = np.zeros(d)
    singular[: len(values)] = values
    ybar = np.zeros(d)
    ybar[: len(values)] = (u.T @ o.y) / values
    clean, offset = vt @ o.jacobian(a, s) @ vt.T * a, vt @ o.offset(a, s)
    f_matrix, f, q = np.zeros((d, d)), np.zeros(d), np.zeros(d)
    kept = np.sqrt(1 - eta * eta)
    for i in range(d):
        sigma = o.sigma / singular[i] if singular[i] > 1e-12 else np.inf
        if np.isinf(sigma):
            f_matrix[i] = clean[i] + kept * sb2 / sb * (np.eye(d)[i] - clean[i])
            f[i], q[i] = offset[i] * (1 - kept * sb2 / sb), (eta * sb2) ** 2
        elif sb2 < sigma:
            pull = kept * sb2 / sigma
            f_matrix[i], f[i], q[i] = (1 - pull) * clean[i], (1 - pull) * offset[i] + pull * ybar[i], (eta * sb2) ** 2
        else:
            f_matrix[i], f[i] = (1 - eta_b) * clean[i], (1 - eta_b) * offset[i] + eta_b * ybar[i]
            q[i] = sb2**2 - (eta_b * sigma) ** 2
    scale = a2 / a
    return scale * vt.T @ f_matrix @ vt, a2 * vt.T @ f, a2 * a2 * vt.T @ np.diag(q) @ vt


def unit_start(o: Oracle) -> tuple[Array, Array]:
    return np.zeros(len(o.mu)), o.eye


def exact_start(o: Oracle, level: Level) -> tuple[Array, Array]:
    m, p = o.posterior
    return level[0] * m, level[0] ** 2 * p + level[1] ** 2 * o.eye
