"""`invsolve inspect`: what a file is taken for."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def inspect(*file: Path, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
    """Say what pictures, videos, arrays and folders are taken for, what was guessed, and what would be refused.

    Args:
        file: The files, or folders of frames or of clips.
        as_json: One JSON object a file, and a line each.
    """
    import json

    from invsolve.errors import ReadError, UsageError
    from invsolve.media.inspection import described
    from invsolve.media.inspection import inspect as inspected

    if not file:
        raise UsageError("name a file or a folder: `invsolve inspect clip.mp4`.")
    failures = []
    for number, path in enumerate(file):
        try:
            facts = inspected(path)
        except ReadError as error:
            failures.append(str(error))
            continue
        if as_json:
            print(json.dumps(facts, ensure_ascii=False))
        else:
            print(("\n" if number else "") + described(facts))
    if failures:
        raise ReadError("\n".join(failures))
