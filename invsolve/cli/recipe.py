"""`invsolve recipe`: check, expand and compare recipes, and write their schema."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from invsolve.errors import InvsolveError, RecipeError, WriteError

app = App("recipe", help="Check, expand and compare recipes; write their schema.")

Overrides = Annotated[tuple[str, ...], Parameter(name="--set", negative="", consume_multiple=False, show_default=False)]


@app.command
def check(*recipe: Path, overrides: Overrides = ()) -> None:
    """Check recipes without running them: every name, field and value, with everything they extend and sweep.

    Recipes that train a network are checked as well.

    Parameters
    ----------
    recipe
        Recipe files, or folders of runs.
    overrides
        PATH=VALUE, as often as needed: sampler.steps=50, operator.0.frames=4, noise={use: gaussian, std: 0.02}.
    """
    from invsolve.plugin import Catalog
    from invsolve.recipe import load
    from invsolve.recipe.recipe_form import form_of

    if not recipe:
        raise RecipeError("name the recipes to check: `invsolve recipe check recipes/*.yaml`.")
    catalog = Catalog.discover()
    failures: list[str] = []
    for path in recipe:
        try:
            form = form_of(path, catalog)
            if form is not None:
                print(f"{path}: ok, {form.check(path, overrides)}")
                continue
            found = load(path, overrides, catalog)
        except InvsolveError as error:
            failures.append(str(error))
        else:
            print(f"{path}: ok" + (f", {len(found)} problems" if len(found) > 1 else f", {found[0].hash8}"))
    if failures:
        raise RecipeError("\n".join(failures))


@app.command
def expand(recipe: Path, *, overrides: Overrides = (), out: Path | None = None) -> None:
    """Write out the recipes that one with a sweep stands for, each with all of its defaults.

    Parameters
    ----------
    recipe
        A recipe file, or the folder of a run.
    overrides
        PATH=VALUE, as often as needed.
    out
        A new folder for one file each; by default they are printed.
    """
    from invsolve.recipe import load

    found = load(recipe, overrides)
    texts = [f"# {each.label or each.name}  ({each.hash8})\n{each.dump()}" for each in found]
    if out is None:
        print("\n---\n".join(text.rstrip("\n") for text in texts))
        return
    try:
        out.mkdir(parents=True)
        for number, (each, text) in enumerate(zip(found, texts, strict=True)):
            (out / f"{each.name}-{number:0{len(str(len(found) - 1))}}.yaml").write_text(text, encoding="utf-8")
    except FileExistsError:
        raise WriteError(f"{out} exists already, and nothing is overwritten; name a new folder.") from None
    except OSError as error:
        raise WriteError(f"{out} cannot be written: {error.strerror or error}.") from None
    print(f"wrote {len(texts)} recipe{'s' * (len(texts) > 1)} to {out}")


@app.command
def schema(*, out: Path | None = None) -> None:
    """Write a JSON schema of what is installed, for completion in an editor.

    Put `# yaml-language-server: $schema=FILE` into the first line of a recipe.

    Parameters
    ----------
    out
        The file to write, replaced if it is there; by default the schema is printed.
    """
    from invsolve.recipe import schema_of

    text = json.dumps(schema_of(), indent=2) + "\n"
    if out is None:
        print(text, end="")
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{out} cannot be written: {error.strerror or error}.") from None
    print(f"wrote {out}")


@app.command
def diff(before: Path, after: Path) -> None:
    """Show where two recipes differ, path by path, with their defaults.

    Parameters
    ----------
    before
        A recipe file, or the folder of a run.
    after
        Another one.
    """
    from invsolve.recipe import differences, recipe_data

    found = differences(recipe_data(before), recipe_data(after))
    print("\n".join(str(each) for each in found) or "no difference")
