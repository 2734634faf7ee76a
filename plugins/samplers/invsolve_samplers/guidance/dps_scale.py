"""Step sizes of diffusion posterior sampling from one convention to another, to use published numbers."""

import math

from invsolve.errors import ComponentError
from invsolve.schedule import NoiseLevel


def convert_scale(scale: float, source: str, wanted: str, level: NoiseLevel, target: NoiseLevel) -> float:
    """The scale under `wanted` that takes the same DDPM step from `level` to `target` as `scale` under `source`.

    With ``r = a / a'`` and ``beta = s^2 - r^2 s'^2`` (variance preserving: ``alpha = r^2``, ``beta = 1 - alpha``):

    - ``unsquared = 2 paper``: the authors' code differentiates ``||r||``, their paper ``||r||^2 / ||r||``.
    - ``unsquared = score beta / r``: a score enters the step's mean with ``beta / sqrt(alpha)``. This is deepinv's
      ``weight``; it varies from step to step, so that one number there is a whole schedule of numbers here.

    ``squared`` and ``bayes`` have no converter: they differ by the length of the residual, which only a run knows.

    Raises `ComponentError` for another convention.

    **Source:** Chung, Kim, McCann, Klasky and Ye 2023, algorithm 1 and the code published with it; the relation to a
    score follows from the mean of the DDPM step.

    ```python
    convert_scale(0.3, "paper", "unsquared", level, target)  # 0.6
    ```
    """
    ratio = level.a / target.a
    score = (level.s**2 - ratio**2 * target.s**2) / ratio if ratio > 0 else math.inf
    in_unsquared = {"paper": 2.0, "unsquared": 1.0, "score": score}
    for convention in (source, wanted):
        if convention not in in_unsquared:
            raise ComponentError(f"a scale converts between {', '.join(in_unsquared)}, not {convention!r}.")
    return scale * in_unsquared[source] / in_unsquared[wanted]
