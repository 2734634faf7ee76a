"""Parts for tests of guided priors: two normal laws to choose from by the condition, and counted calls."""

from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve import NoiseLevel, Prediction, Prior, WrappedPrior
from invsolve_priors import ConditionalMixture, GaussianMixture

KNOWN, NULL = (0.0, 1.0), (1.0, 0.0)  # the second component is the conditional law, the first the unconditional one
MEANS = np.array([[0.0, 0.0], [1.0, -0.5]])
COVARIANCES = np.stack([np.eye(2), np.diag([0.25, 0.5])])


def two_laws(**fields) -> ConditionalMixture:
    """Unconditional `N(0, I)`, conditional `N((1, -1/2), diag(1/4, 1/2))`, over two frames."""
    return ConditionalMixture(GaussianMixture([0.5, 0.5], MEANS.reshape(2, 1, 2, 1, 1), COVARIANCES, **fields))


def law(component: int, z: np.ndarray, level: NoiseLevel) -> tuple[np.ndarray, np.ndarray]:
    """z0 and eps of one component, for rows `z`; both covariances are diagonal."""
    variances, mean = np.diag(COVARIANCES[component]), MEANS[component]
    whitened = (z - level.a * mean) / (level.a**2 * variances + level.s**2)
    return mean + level.a * variances * whitened, level.s * whitened


@final
@attrs.frozen(eq=False)
class Counted(WrappedPrior):
    """A prior whose calls are counted: (rows, whether there was a condition, whether a graph was built)."""

    prior: Prior
    calls: list[tuple[int, bool, bool]] = attrs.field(factory=list)

    def predict(self, z: Tensor, level: NoiseLevel, condition: Tensor | None = None) -> Prediction:
        found = self.prior.predict(z, level, condition)
        self.calls.append((len(z), condition is not None, found.z0.requires_grad))
        return found


def latents(count: int = 3, seed: int = 0) -> Tensor:
    return torch.randn(count, 1, 2, 1, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
