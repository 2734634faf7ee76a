"""The pages of the catalogue: every component of what is installed, from its manifest and its docstring."""

import contextlib
import inspect
import io
import os
import re
from pathlib import Path
from typing import Final

from invsolve.cli import main
from invsolve.plugin import Catalog
from invsolve.plugin.catalog import Entry, plural
from invsolve.plugin.describe import FieldDescription, describe

LEFT_OUT: Final = ("family", "task", "recipe_form", "weights")
ABOUT: Final = {
    "operator": "What the camera did. Below each: a frame of the scene, and what is observed.",
    "prior": "What videos look like.",
    "sampler": "How to search. `diffusion` takes any kernel with any guidance rule.",
    "kernel": "A step down the noise levels.",
    "guidance": "How the observation corrects the prior's prediction.",
    "schedule": "The noise levels.",
    "noise": "The law of the noise.",
    "metric": "Numbers about a solution.",
    "reader": "Where a recipe's input comes from.",
    "baseline": "What to compare with.",
    "flow": "How optical flow is found.",
    "command": "What `invsolve` can be told.",
}


def catalogue_pages(pages: Path, pictures: dict[str, str]) -> list[dict[str, str]]:
    """Write a page for each kind, with a picture where there is one; its entries of the navigation."""
    catalog = Catalog.discover({})
    folder = pages / "catalogue"
    folder.mkdir(parents=True, exist_ok=True)
    entries, table = [{"All": "catalogue/index.md"}], []
    for kind in (kind for kind in ABOUT if kind in catalog.kinds and kind not in LEFT_OUT):
        title = plural(kind).capitalize()
        found = sorted(catalog.of_kind(kind), key=lambda entry: entry.component.name)
        parts = [_command(entry) if kind == "command" else _component(catalog, entry, pictures) for entry in found]
        (folder / f"{kind}.md").write_text("\n\n".join([f"# {title}", ABOUT[kind], *parts]) + "\n", encoding="utf-8")
        entries.append({title: f"catalogue/{kind}.md"})
        rows = [
            f"| [`{e.component.name}`]({kind}.md#{_anchor(e)}) | {e.component.summary} | {e.distribution} |"
            for e in found
        ]
        table.append(f"## {title}\n\n{ABOUT[kind]}\n\n| name | what it is | from |\n|---|---|---|\n" + "\n".join(rows))
    count = sum(1 for entry in catalog.entries if entry.component.kind in ABOUT)
    head = (
        f"# The catalogue\n\n{count} components, as `invsolve plugins list` has them; `invsolve plugins show NAME` "
        "prints the same pages. A plugin that you install joins the list by itself."
    )
    (folder / "index.md").write_text("\n\n".join([head, *table]) + "\n", encoding="utf-8")
    return entries


def _component(catalog: Catalog, entry: Entry, pictures: dict[str, str]) -> str:
    component = entry.component
    page = describe(catalog.load_entry(entry), component.kind, catalog.recipe_name(entry))
    parts = [f"## {component.name} {{#{_anchor(entry)}}}", component.summary]
    if component.kind == "operator" and component.name in pictures:
        parts.append(f"![{component.name}: {component.summary}](../{pictures[component.name]})")
    parts.append(page.prose)
    if page.fields:
        parts.append("| field | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(map(_row, page.fields)))
    parts += [f"```yaml\n{page.yaml}\n```", f"```python\n{page.python}\n```"]
    if page.raises:
        parts.append("Errors:\n\n" + "\n".join(f"- `{error}`: {reason}" for error, reason in page.raises))
    if page.sources:
        parts.append(f"From: {' '.join(page.sources.split())}")
    if page.references:
        entries = "\n\n".join(inspect.cleandoc(each) for each in page.references)
        parts.append('??? quote "BibTeX"\n\n    ```bibtex\n' + _indented(entries) + "\n    ```")
    return "\n\n".join(parts)


def _row(field: FieldDescription) -> str:
    default = _code(field.default) if field.default else "must be given"
    return f"| `{field.key}` | {_code(field.type)} | {default} | {_cell(field.meaning)} |"


def _command(entry: Entry) -> str:
    """The command's own help, and that of its sub-commands."""
    name = entry.component.name
    text = _help(name)
    inner = re.findall(r"^│ ([a-z][\w-]*)  ", text.partition("Commands")[2], flags=re.MULTILINE)
    below = [f"### {name} {each}\n\n```text\n{_help(name, each)}\n```" for each in inner]
    return "\n\n".join([f"## {name} {{#{_anchor(entry)}}}", f"```text\n{text}\n```", *below])


def _help(*words: str) -> str:
    printed = io.StringIO()
    os.environ["COLUMNS"] = "100"  # how wide a help page is drawn
    with contextlib.redirect_stdout(printed):
        main([*words, "--help"])
    return printed.getvalue().strip()


def _anchor(entry: Entry) -> str:
    return f"{entry.component.kind}-{entry.component.name}".replace("_", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"<code>{text.replace('&', '&amp;').replace('<', '&lt;').replace('|', '&#124;')}</code>"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
