"""`invsolve recipe`: list, copy, check, expand and compare recipes, and write their schema."""

import json as json_module
from pathlib import Path
from textwrap import shorten
from typing import Annotated

import attrs
from cyclopts import App, Parameter

from invsolve.cli.message import printable
from invsolve.errors import InvsolveError, RecipeError, WriteError

app = App("recipe", help="List, copy, check, expand and compare recipes; write their schema.")

Overrides = Annotated[tuple[str, ...], Parameter(name="--set", negative="", consume_multiple=False, show_default=False)]


@app.command(name="list")
def list_(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List the installed recipes: every command that takes a recipe takes their names.

    Args:
        json: Everything, for programs.
    """
    from invsolve.plugin import Catalog

    found = Catalog.discover().recipes
    if json:
        rows = [{**attrs.asdict(each), "path": str(each.path), "summary": each.summary} for each in found]
        print(json_module.dumps(rows, indent=2))
        return
    width = max((len(each.name) for each in found), default=0)
    lines = [f"{each.name:{width}}  {shorten(each.summary, 96)} [{each.distribution}]" for each in found]
    print(printable("\n".join(lines) or "no plugin brings a recipe"))


@app.command
def copy(name: str, folder: Path = Path(), *, alone: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Copy an installed recipe to change it, with the recipes that it extends.

    Args:
        name: As `invsolve recipe list` shows it.
        folder: Where to; made if it is not there. Nothing is overwritten.
        alone: One file instead, with every default written out.
    """
    from invsolve.files.atomic import make_folder, write_text
    from invsolve.plugin import Catalog
    from invsolve.recipe import recipe_data
    from invsolve.recipe.dumping import dumped
    from invsolve.recipe.extend import chain_files
    from invsolve.recipe.named import find_recipe

    catalog = Catalog.discover()
    found = find_recipe(name, catalog)
    if alone:
        texts = {found.path.name: f"# {found.summary}\n{dumped(recipe_data(found.path, catalog))}"}
    else:
        texts = {path.name: path.read_text(encoding="utf-8") for path in chain_files(found.path, catalog)}
    for each in texts:
        if (folder / each).exists():
            raise WriteError(f"{folder / each} exists already, and nothing is overwritten; name another folder.")
    make_folder(folder)
    for each, text in texts.items():
        write_text(folder / each, text)
    print("\n".join(f"wrote {folder / each}" for each in texts))


@app.command
def check(*recipe: Path, overrides: Overrides = ()) -> None:
    """Check recipes without running them: every name, field and value, with everything they extend and sweep.

    Recipes that train a network are checked as well.

    Args:
        recipe: Recipe files, names of installed recipes, or folders of runs.
        overrides: PATH=VALUE, as often as needed: sampler.steps=50, operator.0.frames=4, noise={use: gaussian, std:
            0.02}.
    """
    from invsolve.plugin import Catalog
    from invsolve.recipe import load
    from invsolve.recipe.recipe_form import form_of

    if not recipe:
        raise RecipeError("name the recipes to check: `invsolve recipe check mine.yaml`.")
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

    Args:
        recipe: A recipe file, the name of an installed recipe, or the folder of a run.
        overrides: PATH=VALUE, as often as needed.
        out: A new folder for one file each; by default they are printed.
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

    Args:
        out: The file to write, replaced if it is there; by default the schema is printed.
    """
    from invsolve.recipe import schema_of

    text = json_module.dumps(schema_of(), indent=2) + "\n"
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

    Args:
        before: A recipe file, the name of an installed recipe, or the folder of a run.
        after: Another one.
    """
    from invsolve.recipe import differences, recipe_data

    found = differences(recipe_data(before), recipe_data(after))
    print("\n".join(str(each) for each in found) or "no difference")
