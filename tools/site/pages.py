"""Gather the pages: docs/ as it is, and what the other folders tell, with formulas and links made ready."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from latex2mathml.converter import convert

OUTSIDE: Final = {
    "plugins/photographs/README.md": "plugins/photographs.md",
    "plugins/photographs/MODEL_CARD.md": "plugins/photographs_model.md",
    "plugins/blocksworld/README.md": "plugins/blocksworld.md",
    "plugins/blocksworld/REPORT.md": "plugins/blocksworld_report.md",
    "plugins/blocksworld/CONDITIONAL.md": "plugins/blocksworld_conditional.md",
    "plugins/diffusers/README.md": "plugins/diffusers.md",
    "plugins/diffusers/MEMORY.md": "plugins/diffusers_memory.md",
    "plugins/azula/README.md": "plugins/azula.md",
    "plugins/deepinv/README.md": "plugins/deepinv.md",
    "plugins/studio/README.md": "plugins/studio.md",
    "tests/benchmarks/README.md": "results/speed.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "README.md": "index.md",
}
"""Where pages that lie beside the code stand in the site; a link to README.md leads to its front page."""

_FENCED: Final = re.compile(r"(^```+[^\n]*\n.*?^```+ *$)", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"((?:^ {4}.*\n)+|``.+?``|`(?:[^`\n]|\n(?!\n))+`)", re.MULTILINE)
_BLOCK: Final = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE: Final = re.compile(r"(?<![\\$\w])\$(?![\s$])([^$\n]+?)(?<!\s)\$(?![\w$])")
_LINK: Final = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")


def gather(root: Path, pages: Path) -> None:
    """Write every page into `pages`, and the files that pages show or link to."""
    for source in sorted((root / "docs").rglob("*")):
        if source.is_file() and "gallery" not in source.parts:
            target = pages / source.relative_to(root / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".md":
                target.write_text(page(root, source, target, pages), encoding="utf-8")
            elif source.suffix != ".yml":
                shutil.copy(source, target)
    for outside, inside in OUTSIDE.items():
        if outside != "README.md":
            target = pages / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(root, root / outside, target, pages), encoding="utf-8")


def page(root: Path, source: Path, target: Path, pages: Path) -> str:
    """The text of one page, for its place in the site."""
    text = source.read_text(encoding="utf-8")
    moved = {(root / outside).resolve(): pages / inside for outside, inside in OUTSIDE.items()}
    inside = (root / "docs").resolve()

    def link(match: re.Match[str]) -> str:
        goal = (source.parent / match[2]).resolve()
        if goal.is_relative_to(inside):
            place = pages / goal.relative_to(inside)
        elif goal in moved:
            place = moved[goal]
        elif goal.is_file():
            place = pages / "files" / goal.relative_to(root.resolve())
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(goal, place)
        else:
            return match[0]  # the build says that it leads nowhere
        return f"{match[1]}{relative(place, target.parent)}{match[3] or ''}{match[4]}"

    return outside(_FENCED, text, lambda part: _LINK.sub(link, outside(_CODE, part, with_formulas)))


def outside(code: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to what is not code."""
    return "".join(part if index % 2 else change(part) for index, part in enumerate(code.split(text)))


def with_formulas(text: str) -> str:
    r"""``$x$`` and ``$$x$$`` as MathML, which browsers draw by themselves."""
    text = _BLOCK.sub(lambda match: f'<div class="formula">{convert(match[1].strip(), display="block")}</div>', text)
    # in a span, for Markdown takes a line that begins with <math> for a block
    return _INLINE.sub(lambda match: f"<span>{convert(match[1])}</span>", text)


def relative(place: Path, folder: Path) -> str:
    """A link from a page in `folder` to `place`."""
    return Path(os.path.relpath(place, folder)).as_posix()
