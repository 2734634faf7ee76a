"""`invsolve inspect`: what a file is taken for."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def inspect(*file: Path, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
    """Say what picture, video and array files are taken for: size, light, times, geometry, and what was guessed.

    Parameters
    ----------
    file
        The files.
    as_json
        One JSON object a file, and a line each.
    """
    import json

    from invsolve.errors import UsageError
    from invsolve.media.inspection import described
    from invsolve.media.inspection import inspect as inspected

    if not file:
        raise UsageError("name a file: `invsolve inspect clip.mp4`.")
    for number, path in enumerate(file):
        facts = inspected(path)
        if as_json:
            print(json.dumps(facts, ensure_ascii=False))
        else:
            print(("\n" if number else "") + described(facts))
