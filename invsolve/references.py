"""BibTeX of every part that a run used."""

from collections.abc import Iterator

import attrs

from invsolve.guidance import Guidance
from invsolve.kernel import Kernel
from invsolve.noise import Noise
from invsolve.operator import Operator
from invsolve.prior import Prior
from invsolve.sampler import Sampler
from invsolve.schedule import Schedule

CITABLE = (Operator, Prior, Sampler, Guidance, Kernel, Noise, Schedule)


def _walk(part: object) -> Iterator[str]:
    if isinstance(part, CITABLE):
        yield from part.references
    if isinstance(part, tuple | list):
        for item in part:
            yield from _walk(item)
    elif attrs.has(kind := type(part)):
        for field in attrs.fields(kind):
            yield from _walk(getattr(part, field.name))


def references_of(*parts: object) -> tuple[str, ...]:
    """The BibTeX entries of components and all components inside them, without repeats, in order of use."""
    return tuple(dict.fromkeys(entry for part in parts for entry in _walk(part)))
