"""`require_same`: a run goes on only with the content it began with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invsolve.errors import UsageError


def require_same(earlier: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Raise `UsageError` where the input or a file of a run holds something else than its provenance says.

    Args:
        earlier: the provenance of the run in `folder`.
        now: that of the recipe as it is.
    """
    changed = []
    if earlier["input"]["sha256"] != now["input"]["sha256"]:
        changed.append(f"the input {now['input']['name']!r}")
    files = earlier.get("files", {})
    changed += [
        f"the file of {place}" for place, sha256 in now["files"].items() if files.get(place) not in (None, sha256)
    ]
    if changed:
        raise UsageError(
            f"{folder} belongs to another run: {', '.join(changed)} changed since it began. Run without --resume to"
            " begin anew."
        )
