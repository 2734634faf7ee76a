"""`needs`: an optional package that has to be there."""

from importlib.util import find_spec

from invsolve.errors import MissingExtra
from invsolve.extras import advice


def needs(package: str, what: str) -> None:
    """Make sure that an optional package is installed; imports nothing.

    Args:
        package: the name it is imported by.
        what: what it is needed for, as the subject of a sentence: ``"a video"``.

    Raises:
        MissingExtra: where it is not, with the extra that brings it.
    """
    if find_spec(package) is None:
        raise MissingExtra(f"{what} needs {package}, which is not installed: {advice(package)}.")
