"""A BibTeX entry as a reader wants it."""

import re
from typing import Final

FIELD: Final = re.compile(
    r"(?P<name>\w+)\s*=\s*(?:\{(?P<braced>(?:[^{}]|\{[^{}]*\})*)\}|\"(?P<quoted>[^\"]*)\"|(?P<bare>\w+))"
)
LATEX: Final = re.compile(r"[{}]|\\[\"'`^~=.]|\\(?=[&%_#])")
SHOWN: Final = 3  # authors


def readable(entry: str) -> str:
    """``Chung, Kim, and others (2023). Title. Venue.`` of one entry; the entry itself where it has no title."""
    fields = {
        match["name"].lower(): " ".join((match["braced"] or match["quoted"] or match["bare"] or "").split())
        for match in FIELD.finditer(entry)
    }
    plain = {name: LATEX.sub("", value) for name, value in fields.items()}
    if "title" not in plain:
        return entry.strip()
    names = [author.partition(",")[0].strip() for author in re.split(r"\s+and\s+", plain.get("author", "")) if author]
    shown = names if len(names) <= SHOWN else [*names[:1], "others"]
    authors = " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
    year = f" ({plain['year']})" if "year" in plain else ""
    venue = next((plain[name] for name in ("journal", "booktitle", "publisher", "howpublished") if name in plain), "")
    said = [f"{authors}{year}".strip(), plain["title"], venue]
    return " ".join(f"{part.rstrip('.')}." for part in said if part)
