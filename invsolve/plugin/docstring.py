"""`Documentation`: a docstring in Google's style, taken apart."""

import inspect
import re
from collections.abc import Mapping
from typing import Final, final

import attrs

SOURCES: Final = "References"
_FENCE: Final = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```\n?", re.MULTILINE | re.DOTALL)
_OLD_ITEM: Final = re.compile(r"^- ``(?P<name>\w+)``(?:, ``\w+``)*(?: \[[^\]]+\])?: ", re.MULTILINE)


@final
@attrs.frozen
class Documentation:
    """What a docstring says.

    Attributes:
        prose: all that stands before the sections, without examples.
        meanings: of fields or arguments, by name, each on one line.
        raises: the errors and when they come, in the docstring's order.
        sources: where the method comes from; empty where it does not say.
        examples: the code of each language, ``python`` and ``yaml``.
        listed: names in items of a list, ``- ``name``: meaning``, that no section speaks of. Earlier versions of
            invsolve read the meaning of fields from there.
    """

    prose: str
    meanings: Mapping[str, str]
    raises: tuple[tuple[str, str], ...]
    sources: str
    examples: Mapping[str, str]
    listed: tuple[str, ...]


def documentation(text: str | None) -> Documentation:
    """Take a docstring apart; one whose sections cannot be read is all prose."""
    # reading docstrings is for pages and messages, not for starting up
    from docstring_parser.common import DocstringExample, DocstringParam, DocstringRaises, ParseError
    from docstring_parser.google import DEFAULT_SECTIONS, GoogleParser, Section, SectionType

    clean = inspect.cleandoc(text or "")
    try:
        found = GoogleParser([*DEFAULT_SECTIONS, Section(SOURCES, SOURCES, SectionType.SINGULAR)]).parse(clean)
    except ParseError:
        return Documentation(clean, {}, (), "", _fenced(clean), ())
    said = found.description or ""
    prose = re.sub(r"\n{3,}", "\n\n", _FENCE.sub("", f"{said}\n")).strip()
    meanings = {part.arg_name: _one_line(part.description) for part in found.meta if isinstance(part, DocstringParam)}
    return Documentation(
        prose,
        meanings,
        raises=tuple(
            (part.type_name, _one_line(part.description))
            for part in found.meta
            if isinstance(part, DocstringRaises) and part.type_name
        ),
        sources=next((part.description or "" for part in found.meta if part.args == [SOURCES]), ""),
        # examples stand in a section of their own, or anywhere in the prose
        examples=_fenced(said)
        | _fenced("\n\n".join(part.description or "" for part in found.meta if isinstance(part, DocstringExample))),
        listed=tuple(match["name"] for match in _OLD_ITEM.finditer(prose) if match["name"] not in meanings),
    )


def _fenced(text: str) -> dict[str, str]:
    return {match["language"]: match["text"].rstrip() for match in _FENCE.finditer(f"{text}\n")}


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
