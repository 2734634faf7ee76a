"""`refusals`: what a reader refuses of a file as it is, one after the other."""

from collections.abc import Callable, Mapping
from typing import Any, Final, final

import attrs

from invsolve.errors import ChoiceNeeded, ReadError

Fields = Mapping[str, Any]

# with these nothing is refused on the same ground again, so that what else is refused comes to light
_LIFTED: Final[Fields] = {
    "alpha": "drop",
    "gaps": "ignore",
    "interlaced": "keep",
    "matrix": "bt709",
    "orientation": "stored",
    "outside": "keep",
    "page": 0,
    "primaries": "srgb",
    "transfer": "srgb",
    "white": 1e30,
}


@final
@attrs.frozen
class Refusal:
    """What is refused in a sentence, with the way out; ``field`` of the reader decides it, where one does."""

    field: str | None
    reason: str


def refusals(attempt: Callable[[Fields], object]) -> tuple[Refusal, ...]:
    """What `attempt` refuses, called with the fields that lift what it refused before.

    It gets a mapping of fields to their values, empty at first. Refusals that no field lifts are the last.
    """
    chosen: dict[str, Any] = {}
    found = []
    while True:
        try:
            attempt(dict(chosen))
        except ChoiceNeeded as error:
            found.append(Refusal(error.field, str(error)))
            if error.field in chosen or error.field not in _LIFTED:
                return tuple(found)
            chosen[error.field] = _LIFTED[error.field]
        except ReadError as error:
            return (*found, Refusal(None, str(error)))
        else:
            return tuple(found)
