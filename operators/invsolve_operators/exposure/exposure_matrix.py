"""The share of each frame in each exposure."""

import numpy as np

from invsolve_operators.spectra.time_matrix import Matrix


def exposure_matrix(starts: Matrix, ends: Matrix, frames: int) -> Matrix:
    """``W[..., n] = |[start, end) and [n, n + 1)| / (end - start)``: frame ``n`` lasts from time ``n`` to ``n + 1``."""
    edges = np.arange(frames)
    first = np.maximum(starts[..., None], edges)
    last = np.minimum(ends[..., None], edges + 1)
    return np.asarray(np.clip(last - first, 0, None) / (ends - starts)[..., None])
