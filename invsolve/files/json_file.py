"""`write_json`: plain data as a file."""

import json
from pathlib import Path

from invsolve.files.atomic import write_text


def write_json(path: Path, data: object, *, replace: bool = False) -> None:
    """Write plain data as JSON, indented; the file appears whole.

    Raises `WriteError` or `RunFailed` where that cannot be done, `ValueError` for NaN and infinities.
    """
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", replace=replace)
