"""`GivenSchedule` and `converted`: any schedule object of azula as one of invsolve."""

from typing import Any, final

import attrs

from invsolve.schedule import Schedule
from invsolve_azula.requirement import azula_module
from invsolve_azula.schedules.cosine import AzulaCosine
from invsolve_azula.schedules.decay import AzulaDecay
from invsolve_azula.schedules.elucidated import AzulaElucidated
from invsolve_azula.schedules.rectified import AzulaRectified
from invsolve_azula.schedules.timed import TimedSchedule
from invsolve_azula.schedules.ve import AzulaVE
from invsolve_azula.schedules.vp import AzulaVP


@final
@attrs.frozen
class GivenSchedule(TimedSchedule):
    """The levels of an object: ``given(t)`` gives ``a`` and ``s``.

    Attributes:
        given: a schedule of azula's kind, such as one of your own that derives from ``azula.noise.Schedule``.
    """

    given: Any

    @property
    def law(self) -> Any:
        """The object."""
        return self.given


def converted(schedule: Any) -> Schedule:
    """The same levels: azula's own classes by their numbers, others asked themselves."""
    noise, edm = azula_module("noise"), azula_module("plugins.edm")
    between = ("alpha_min", "sigma_min")
    known: dict[type, tuple[type[TimedSchedule], tuple[str, ...]]] = {
        noise.VESchedule: (AzulaVE, ("sigma_min", "sigma_max")),
        noise.VPSchedule: (AzulaVP, between),
        noise.CosineSchedule: (AzulaCosine, between),
        noise.RectifiedSchedule: (AzulaRectified, between),
        noise.DecaySchedule: (AzulaDecay, (*between, "gamma")),
        edm.ElucidatedSchedule: (AzulaElucidated, ("sigma_min", "sigma_max", "rho")),
    }
    if type(schedule) not in known:
        return GivenSchedule(schedule)
    cls, names = known[type(schedule)]
    return cls(**{name: float(getattr(schedule, name)) for name in names})
