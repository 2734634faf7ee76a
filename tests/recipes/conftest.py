from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from invsolve.recipe import BadRecipe, Recipe, load
from tests.recipes.parts import CATALOG

# a recipe is loaded in milliseconds, but not on a machine that does ten other things
settings.register_profile("recipes", deadline=None, derandomize=True)
settings.load_profile("recipes")


class Desk:
    """A folder to write recipes in, and to load them from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str, name: str = "r.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self, text: str, *overrides: str) -> tuple[Recipe, ...]:
        return load(self.write(text), overrides, CATALOG)

    def one(self, text: str, *overrides: str) -> Recipe:
        (recipe,) = self.load(text, *overrides)
        return recipe

    def faults(self, text: str, *overrides: str) -> list[str]:
        """The faults of a recipe, without the folder in their places."""
        with pytest.raises(BadRecipe) as caught:
            self.load(text, *overrides)
        return [str(fault).replace(f"{self.folder}/", "") for fault in caught.value.faults]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def in_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make a folder beside the recipes the current directory."""

    def enter(name: str) -> Path:
        folder = desk.folder / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        return folder

    return enter
