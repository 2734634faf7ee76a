"""`write_json`, `read_json`: plain data as a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invsolve.errors import ReadError
from invsolve.files.atomic import write_text


def write_json(path: Path, data: object, *, replace: bool = False) -> None:
    """Write plain data as JSON, indented; the file appears whole.

    Raises:
        WriteError: where that cannot be done.
        RunFailed: where that cannot be done.
        ValueError: for NaN and infinities.
    """
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", replace=replace)


def read_json(path: Path, required: Mapping[str, type]) -> dict[str, Any]:
    """A mapping from a JSON file of ours, with the keys of `required` and values of those types.

    Raises:
        ReadError: where the file is not that: it is damaged, or from elsewhere.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(f"{path} is damaged ({error}). Remove its folder {path.parent}, to make it again.") from error
    wrong = [key for key, kind in required.items() if not isinstance(data, dict) or type(data.get(key)) is not kind]
    if wrong:
        raise ReadError(
            f"{path} is damaged: it has no {wrong[0]!r} of type {required[wrong[0]].__name__}. Remove its folder"
            f" {path.parent}, to make it again."
        )
    return dict(data)
