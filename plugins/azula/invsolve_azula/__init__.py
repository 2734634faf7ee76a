"""Published image diffusion models as priors: ADM, EDM, EDM2 and JiT from their checkpoints, and denoisers of azula."""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

if TYPE_CHECKING:
    from invsolve_azula.azula import Azula as Azula
    from invsolve_azula.bridge import from_azula as from_azula
    from invsolve_azula.schedules.cosine import AzulaCosine as AzulaCosine
    from invsolve_azula.schedules.decay import AzulaDecay as AzulaDecay
    from invsolve_azula.schedules.elucidated import AzulaElucidated as AzulaElucidated
    from invsolve_azula.schedules.rectified import AzulaRectified as AzulaRectified
    from invsolve_azula.schedules.ve import AzulaVE as AzulaVE
    from invsolve_azula.schedules.vp import AzulaVP as AzulaVP

__getattr__, __dir__ = lazy_imports(__name__)
