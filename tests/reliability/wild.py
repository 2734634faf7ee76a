"""Values that nobody should write, but somebody will."""

from typing import Any, Final

import numpy as np

NUMBERS: Final = (0, -1, 1, 2, 3, 10**6, 2**31, 2**63, 10**30, 10**400, 0.0, -0.0, 0.5, -1e-9, 1e-320, 1e18, 1e308)
ODD_NUMBERS: Final = (float("nan"), float("inf"), -float("inf"), True, False, None)
WORDS: Final = (
    "",
    " ",
    "~",
    "null",
    "é\u202eü",
    "a" * 300,
    "a" * 5000,
    "x/../y",
    "\x1b[31mred",
    "two\nlines",
    "%s{0}$HOME",
    "-1",
    "1e400",
    "0x10",
    "2026-11-28",
    "nothing_of_this_name",
    "invsolve:",
    ":",
    "/dev/null",
    "/proc/nonexistent/x",
)
LISTS: Final[tuple[Any, ...]] = ([], {}, [[]], [None], [1, [2, 3]], {"use": None}, {"a": {"b": {}}}, [0.0] * 500)
DEPTH: Final = 120


def number(random: np.random.Generator) -> Any:
    """A number, or what somebody may take for one."""
    return _one(random, NUMBERS + ODD_NUMBERS if random.random() < 0.3 else NUMBERS)


def word(random: np.random.Generator) -> str:
    """A text."""
    return str(_one(random, WORDS))


def anything(random: np.random.Generator) -> Any:
    """A value of any type."""
    choice = random.random()
    if choice < 0.4:
        return number(random)
    if choice < 0.7:
        return word(random)
    if choice < 0.95:
        return _one(random, LISTS)
    nested: Any = 1
    for _ in range(DEPTH):
        nested = [nested] if choice < 0.975 else {"x": nested}
    return nested


def like(value: Any, random: np.random.Generator) -> Any:
    """A value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _one(random, (0, 1, 2, 3, 5, 8, 10**4, -1))
    if isinstance(value, float):
        return _one(random, (0.0, 1e-6, 0.3, 1.0, 7.5, 1e3, -1.0))
    if isinstance(value, list):
        return value[::-1] if random.random() < 0.5 else value[1:]
    return word(random) if isinstance(value, str) else value


def _one(random: np.random.Generator, values: tuple[Any, ...]) -> Any:
    return values[int(random.integers(len(values)))]
