"""The page that `invsolve plugins show` prints."""

import inspect
import textwrap

from invsolve.plugin import Catalog, Entry
from invsolve.plugin.describe import FieldDescription, describe


def component_page(catalog: Catalog, entry: Entry) -> str:
    """Everything a user needs to write this component down.

    Raises:
        BrokenPlugin: if its class cannot be imported or breaks the plugin contract.
    """
    component = entry.component
    name = catalog.recipe_name(entry)
    head = f"{component.kind} {name}\n{component.target}, from {entry.distribution} {entry.version}"
    cls = catalog.load_entry(entry)
    if component.kind == "command":
        prose = inspect.cleandoc(getattr(cls, "__doc__", None) or component.summary)
        return f"{head}\n\n{component.summary if component.attribute == 'app' else prose}"
    page = describe(cls, component.kind, name)
    sections = [
        head,
        page.prose or component.summary,
        f"Fields\n{_indent(_fields(page.fields))}" if page.fields else "It has no fields.",
        f"In Python\n{_indent(page.python)}",
        f"In a recipe\n{_indent(page.yaml)}",
    ]
    if page.raises:
        sections.insert(3, f"Raises\n{_indent(_raises(page.raises))}")
    references = [*([_filled(page.sources, "")] if page.sources else []), *map(inspect.cleandoc, page.references)]
    if references:
        sections.append("References\n" + _indent("\n\n".join(references)))
    return "\n\n".join(sections)


def _fields(fields: tuple[FieldDescription, ...]) -> str:
    heads = [f"{f.key}: {f.type}" + (f" = {f.default}" if f.default else "  (must be given)") for f in fields]
    return "\n".join(
        head + (f"\n{_filled(field.meaning, '    ')}" * bool(field.meaning))
        for head, field in zip(heads, fields, strict=True)
    )


def _raises(raises: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(textwrap.fill(f"{error}: {reason}", 100, subsequent_indent="    ") for error, reason in raises)


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(" ".join(text.split()), 100, initial_indent=indent, subsequent_indent=indent)


def _indent(text: str) -> str:
    return textwrap.indent(text, "    ")
