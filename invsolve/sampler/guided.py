"""`Guided`: what a guidance rule makes of a step."""

from collections.abc import Mapping
from typing import final

import attrs

from invsolve.errors import ComponentError
from invsolve.prior.prediction import Prediction
from invsolve.validators import shown
from invsolve.video.axes import Latent, PerTrajectory

Info = Mapping[str, PerTrajectory]
"""What a step records: a name, such as ``misfit``, and one number for each trajectory."""


@final
@attrs.frozen(eq=False)
class Guided:
    """The result of a guided step, and the prediction behind it.

    Attributes:
        z: the latent ``z'`` at the target level, ``b zc zt zh zw``.
        prediction: the prediction, corrected by the observation, that the kernel stepped with; None for a rule that
            steps by itself. Samplers take their clean estimate, a multistep kernel's past and a prior's memory from it.
        info: what to record of this step, such as ``misfit``.
    """

    z: Latent
    prediction: Prediction | None
    info: Info

    @classmethod
    def of(cls, step: object, rule: object) -> "Guided":
        """The result of a step of `rule`; raises `ComponentError` if that is anything else, such as a tuple."""
        if isinstance(step, cls):
            return step
        name = type(rule).__name__
        raise ComponentError(
            f"{name}.step must return Guided(z, prediction, info), got {shown(step)}; where it returns the tuple (z, "
            "info), as rules once did, let it return Guided(z, prediction, info) with the prediction that it gave the "
            "kernel, or None."
        )
