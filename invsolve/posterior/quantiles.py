"""Quantiles of samples, value by value."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from invsolve.errors import ComponentError
from invsolve.validators import shown


def quantiles(samples: Float[Tensor, "s *axes"], probabilities: Sequence[float]) -> Float[Tensor, "q *axes"]:
    """Quantiles over axis 0: at probability ``p`` the value at the place ``p (s - 1)`` of the sorted samples.

    Between two places it is interpolated linearly, as numpy does it.

    Raises:
        ComponentError: for a probability outside [0, 1].
    """
    for probability in probabilities:
        if not 0 <= probability <= 1:
            raise ComponentError(f"the probability of a quantile lies in [0, 1], got {shown(probability)}.")
    ordered = samples.sort(0).values
    places = torch.tensor(list(probabilities), dtype=torch.float64) * (len(samples) - 1)
    below = places.long()
    above = (below + 1).clamp_max(len(samples) - 1)
    part = (places - below).to(samples).reshape(-1, *[1] * (samples.ndim - 1))
    return torch.lerp(ordered[below], ordered[above], part)
