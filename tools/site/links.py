"""Check the links of a built site: every file, page and anchor that it names must be there."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_NAMES: Final = {"a": "href", "img": "src", "link": "href", "script": "src", "source": "src", "video": "src"}


class _Page(HTMLParser):
    """The links and the anchors of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one tag."""
        values = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := values.get(name))}
        link = values.get(_NAMES.get(tag, ""))
        if link:
            self.links.append(link)


def broken_links(site: Path) -> tuple[list[str], int]:
    """Say which links lead nowhere, and how many there are; those to other sites are not followed."""
    pages = {path.resolve(): _read(path) for path in site.rglob("*.html") if path.name != "404.html"}
    broken, count = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            goal = goal / "index.html" if goal.is_dir() else goal
            if not goal.is_file():
                broken.append(f"{path.relative_to(site.resolve())}: {link} is not there")
            elif parts.fragment and goal in pages and unquote(parts.fragment) not in pages[goal].anchors:
                broken.append(f"{path.relative_to(site.resolve())}: {link} has no such anchor")
    return broken, count


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page
