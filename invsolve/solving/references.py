"""BibTeX of every part that a run used."""

from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.parts import parts_of
from invsolve.prior import Prior
from invsolve.sampler import Sampler
from invsolve.sampler.guidance import Guidance
from invsolve.sampler.kernel import Kernel
from invsolve.schedule import Schedule

CITABLE = (Operator, Prior, Sampler, Guidance, Kernel, Noise, Schedule)


def references_of(*parts: object) -> tuple[str, ...]:
    """The BibTeX entries of components and all components inside them, without repeats, in order of use."""
    found = (entry for part in parts_of(*parts) if isinstance(part, CITABLE) for entry in part.references)
    return tuple(dict.fromkeys(found))
