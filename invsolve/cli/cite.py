"""`invsolve cite`: BibTeX of every part a recipe uses."""

from pathlib import Path

from invsolve.cli.recipe import Overrides
from invsolve.errors import RecipeError


def cite(*recipe: Path, overrides: Overrides = ()) -> None:
    """Print the BibTeX of every part that recipes use.

    Args:
        recipe: Recipe files, names of installed recipes, or folders of runs.
        overrides: PATH=VALUE, as often as needed.
    """
    from invsolve.recipe import load
    from invsolve.record.bibliography import bibliography, bibtex

    if not recipe:
        raise RecipeError("name a recipe: `invsolve cite deblur_photo`.")
    entries = (entry for path in recipe for each in load(path, overrides) for entry in bibliography(each))
    print(bibtex(tuple(dict.fromkeys(entries))), end="")
