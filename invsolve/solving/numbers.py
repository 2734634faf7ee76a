"""The numbers of samples and observations, which their noise is keyed by."""

from collections.abc import Sequence

from invsolve.errors import ComponentError
from invsolve.validators import whole_number


def sample_numbers(samples: int | Sequence[int]) -> tuple[int, ...]:
    """``0 .. samples - 1`` of a count, or the numbers themselves.

    Raises:
        ComponentError: unless there is one at least, and all are distinct whole numbers from 0.
    """
    if not isinstance(samples, Sequence):
        return tuple(range(whole_number("samples", samples, least=1)))
    numbers = tuple(whole_number("samples must be a count or sample numbers; each", each, least=0) for each in samples)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ComponentError(f"samples must be a count from 1, or distinct sample numbers from 0, got {samples!r}.")
    return numbers


def observation_numbers(observations: int | Sequence[int], count: int) -> tuple[int, ...]:
    """`count` numbers from the first on, or the numbers themselves.

    Raises:
        ComponentError: unless there are `count`, all distinct whole numbers from 0.
    """
    if not isinstance(observations, Sequence):
        first = whole_number("observations", observations, least=0)
        return tuple(range(first, first + count))
    numbers = tuple(whole_number("the number of an observation", each, least=0) for each in observations)
    if len(numbers) != count or len(set(numbers)) < count:
        raise ComponentError(f"observations must be {count} distinct numbers, one for each, got {observations!r}.")
    return numbers
