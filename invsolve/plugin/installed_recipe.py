"""`InstalledRecipe`: a recipe file that a plugin brings, called by its name."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import final

import attrs

from invsolve.plugin.discover import Plugin


@final
@attrs.frozen(order=True)
class InstalledRecipe:
    """A recipe of a plugin.

    Attributes:
        name: that of its file, without the suffix.
        distribution: who brings it.
        path: the file.
    """

    name: str
    distribution: str
    path: Path

    @property
    def qualified(self) -> str:
        """`distribution:name`, which chooses this recipe whoever else brings the name."""
        return f"{self.distribution}:{self.name}"

    @property
    def summary(self) -> str:
        """The first clause of the comment at its top; empty if there is none, or no file any more."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ""
        words = []
        for line in lines:
            if not line.startswith("#"):
                break
            if not line.startswith("# yaml-language-server"):
                words.append(line.lstrip("# "))
        return re.split(r"[.;] ", " ".join(words), maxsplit=1)[0].rstrip(". ")


def installed_recipes(plugins: Iterable[Plugin]) -> tuple[InstalledRecipe, ...]:
    """Every ``NAME.yaml`` in the folders that `plugins` name."""
    return tuple(
        sorted(
            InstalledRecipe(path.stem, plugin.source.distribution, path)
            for plugin in plugins
            if plugin.recipes is not None
            for path in plugin.recipes.glob("*.yaml")
        )
    )
