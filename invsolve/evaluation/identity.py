"""`Identity`: what sets one evaluation apart from another, and the reason why one begins anew."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.files.atomic import write_text
from invsolve.parts import files_of
from invsolve.recipe import Recipe
from invsolve.recipe.serialise import to_data
from invsolve.record.provenance import distributions_of

_FILE: Final = "identity.json"
_WORDS: Final = {
    "clips": "clips are of {}",
    "baselines": "baselines are others",
    "metrics": "metrics are others",
    "files": "weights or files hold something else",
    "distributions": "parts have other versions",
}


@final
@attrs.frozen(eq=False)
class Identity:
    """The recipe, its baselines and metrics, the content of its files, the versions of its parts, the clips' folder.

    Attributes:
        facts: these, as JSON data.
    """

    facts: Mapping[str, Any]

    @classmethod
    def of(cls, recipe: Recipe, source: Path | None) -> "Identity":
        """Of a recipe over the clips of the folder `source`, or over numbered clips (None)."""
        facts: dict[str, Any] = {
            "recipe": recipe.canonical,
            "baselines": {name: to_data(each, recipe.catalog) for name, each in recipe.baselines.items()},
            "metrics": [to_data(each, recipe.catalog) for each in recipe.metrics],
            "files": dict(files_of(recipe)),
            "distributions": distributions_of(recipe),
        }
        # as JSON gives them back
        plain: dict[str, Any] = json.loads(json.dumps(facts | ({} if source is None else {"clips": str(source)})))
        return cls(plain)

    @property
    def hash8(self) -> str:
        """The first 8 digits of the SHA-256 of the facts."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()[:8]

    def keep(self, folder: Path) -> None:
        """Write the facts into the folder of the evaluation; raises `WriteError` where it does not take them."""
        write_text(folder / _FILE, json.dumps(self.facts, indent=1, sort_keys=True), replace=True)

    def begins_anew(self, folder: Path) -> str:
        """Why `folder` is begun beside the latest evaluation of the same recipe; empty for the first, and to go on."""
        if folder.exists():
            return ""
        latest = sorted(folder.parent.glob(f"*/{_FILE}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in latest:
            try:
                other = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                continue
            if other.get("recipe") == self.facts["recipe"]:
                said = [
                    words.format(self.facts.get(name) or "their own numbers")
                    for name, words in _WORDS.items()
                    if other.get(name) != self.facts.get(name)
                ]
                return f"begun anew in {folder}, beside {file.parent}, since its {' and its '.join(said)}"
        return ""
