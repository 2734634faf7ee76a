"""Checks of a recipe: it loads with what is installed, and its written-out form means the same."""

from pathlib import Path
from tempfile import TemporaryDirectory


def check_recipe(path: Path) -> None:
    """Fail if a recipe does not load, or if one of its problems changes by being written out and read again.

    Nothing is run.

    Raises:
        RecipeError: with every fault of the recipe.
    """
    from invsolve.recipe import load, load_one

    for recipe in load(path):
        with TemporaryDirectory() as folder:
            written = Path(folder) / path.name
            written.write_text(recipe.dump(), encoding="utf-8")
            again = load_one(written, catalog=recipe.catalog)
        assert again.canonical == recipe.canonical, (
            f"{path} {recipe.label} changes when it is written out and read again:\n"
            f"{recipe.canonical}\n{again.canonical}"
        )
