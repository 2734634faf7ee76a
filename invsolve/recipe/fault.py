"""`Fault`: one thing wrong with a recipe, and where; `BadRecipe`: all of them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, final

import attrs

from invsolve.errors import RecipeError
from invsolve.recipe.node import Origin, dotted

T = TypeVar("T")


@final
@attrs.frozen(order=True)
class Fault:
    """One thing wrong: `origin: path: message`."""

    origin: Origin
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.path}: {self.message}" if self.path else f"{self.origin}: {self.message}"

    def under(self, *parts: str | int) -> "Fault":
        """The same fault seen from further out: `frames` under `operator`, `0` is `operator.0.frames`."""
        return attrs.evolve(self, path=dotted(*parts, self.path))


@final
class Faulty(Exception):
    """Carries faults from where they are found to where they are reported; it never leaves `invsolve.recipe`."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(*(str(fault) for fault in self.faults))


@final
class BadRecipe(RecipeError):
    """A recipe with faults; `faults` holds them one by one, in the order of their places."""

    def __init__(self, faults: Iterable[Fault], name: str = "") -> None:
        self.faults = tuple(sorted(set(faults)))
        lines = [str(fault) for fault in self.faults]
        if len(lines) > 1:
            lines.insert(0, f"{len(lines)} problems in {name}" if name else f"{len(lines)} problems")
        super().__init__("\n".join(lines))


def faulty(origin: Origin, message: str, path: str = "") -> Faulty:
    """A `Faulty` of one fault."""
    return Faulty([Fault(origin, path, message)])


def each(calls: Iterable[tuple[str | int, Callable[[], T]]]) -> list[T]:
    """Make every call, each with its part of the path; raise the faults of all that fail together."""
    results: list[T] = []
    faults: list[Fault] = []
    for part, call in calls:
        with gathered(faults, part):
            results.append(call())
    if faults:
        raise Faulty(faults)
    return results


@contextmanager
def gathered(faults: list[Fault], *parts: str | int) -> Iterator[None]:
    """Add the faults of a `Faulty` raised inside to `faults`, and go on."""
    try:
        yield
    except Faulty as found:
        faults += [fault.under(*parts) for fault in found.faults]


def reason(error: BaseException) -> str:
    """The message of an exception; attrs' validators put it in front of what they checked."""
    first: Any = error.args[0] if error.args else ""
    text = first if isinstance(first, str) and first else str(error)
    return text or type(error).__name__
