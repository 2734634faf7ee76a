"""The manual's pages: each is found, each link leads somewhere, each command is one."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from invsolve.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
MADE = ("plugins/", "catalogue/", "api/", "results/speed.md", "contributing.md", "changelog.md", "security.md")
COMMANDS = sorted(
    {
        line.split("  #")[0].strip()
        for page in PAGES
        for block in re.findall(
            r"^```bash\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        for line in block.splitlines()
        if line.startswith("invsolve ")
    }
)


def listed(entry) -> list[str]:
    """The pages of an entry of the navigation."""
    if isinstance(entry, str):
        return [entry]
    return [page for each in (entry.values() if isinstance(entry, dict) else entry) for page in listed(each)]


def test_every_page_is_in_the_navigation():
    nav = listed(YAML(typ="safe").load((DOCS / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    assert len(nav) == len(set(nav))
    missing = set(PAGES) - set(nav)
    assert not missing, missing
    gone = {page for page in nav if page not in PAGES and not page.startswith(MADE) and page.endswith(".md")}
    assert not gone, gone


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    text = re.sub(r"^(```+).*?^\1", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s#]+)", text):
        inside = (DOCS / page).parent.joinpath(link).resolve()
        made = inside.is_relative_to(DOCS) and inside.relative_to(DOCS).as_posix().startswith((*MADE, "pictures/"))
        assert "://" in link or made or inside.exists(), link


@pytest.mark.parametrize("command", sorted({command.split()[1] for command in COMMANDS}))
def test_commands_exist(command, capsys):
    if "." in command:
        return  # `invsolve FILE`
    assert main([command, "--help"]) == 0
    told = capsys.readouterr().out
    used = {
        option
        for each in COMMANDS
        if each.split()[1] == command and (command not in ("plugins", "recipe", "azula", "weights"))
        for option in re.findall(r"--[a-z][a-z-]+", each)
    }
    missing = {option for option in used if option not in told}
    assert not missing, missing


BASE = """
recipe: 1
input: {read: image, path: photo.jpg}
operator: {use: identity}
noise: {use: gaussian, std: 0.01}
prior: {use: spectral_gaussian}
sampler: {use: auto}
"""
MADE_UP = ("halation", "...")


def recipes() -> list[tuple[str, str]]:
    """The YAML of the pages that people read to write recipes."""
    pages = [page for page in PAGES if page.startswith(("tutorials/", "howto/", "explanation/"))]
    return [
        (page, block)
        for page in pages
        for block in re.findall(
            r"^```yaml\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        if not any(word in block for word in MADE_UP)
    ]


@pytest.mark.parametrize(("page", "text"), recipes(), ids=lambda part: part if part in PAGES else "")
def test_recipes_are_right(page, text, tmp_path, capsys):
    yaml = YAML(typ="safe")
    written = yaml.load(text)
    whole = written if "recipe" in written else yaml.load(BASE) | written
    with (tmp_path / "mine.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(whole, file)
    assert main(["recipe", "check", str(tmp_path / "mine.yaml")]) == 0, capsys.readouterr().err
