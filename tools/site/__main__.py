"""Build the manual, without the network, and check every link in it.

    python -m tools.site [OUT]

Pages are gathered in build/site/, the site goes to OUT/<version>/ (site/ by default), and OUT/versions.json lists the
versions that lie there, for the theme's menu. Warnings are errors.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import invsolve
from tools.site.catalogue import catalogue_pages
from tools.site.links import broken_links
from tools.site.pages import gather
from tools.site.pictures import draw
from tools.site.reference import reference_pages

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "build" / "site"


def main(out: Path) -> int:
    """Build one version of the site; 1 if a link is broken."""
    began = time.monotonic()
    shutil.rmtree(STAGE, ignore_errors=True)
    pages = STAGE / "docs"
    gather(ROOT, pages)
    pictures = draw(pages / "pictures")
    made = {"CATALOGUE": catalogue_pages(pages, pictures), "REFERENCE": reference_pages(pages)}
    drawn = time.monotonic()
    version = ".".join(invsolve.__version__.split(".")[:2])
    site = out / version
    configuration(made)
    done = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=STAGE, check=False)
    if done.returncode:
        return done.returncode
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(STAGE / "site", site)
    list_versions(out, version)
    broken, links = broken_links(site)
    for line in broken:
        sys.stdout.write(f"{line}\n")
    count, size = (
        len(list(site.rglob("*.html"))),
        sum(file.stat().st_size for file in site.rglob("*") if file.is_file()),
    )
    sys.stdout.write(
        f"{count} pages, {len(list(pages.rglob('*.png')))} pictures made, {links} links checked, {len(broken)} broken, "
        f"{size / 2**20:.1f} MiB in {site}; {drawn - began:.0f} s to gather, {time.monotonic() - began:.0f} s in all\n"
    )
    return 1 if broken else 0


def configuration(made: dict[str, list[Any]]) -> None:
    """Write the configuration with the generated pages in its navigation."""
    yaml = YAML()
    settings = yaml.load((ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8"))
    settings["nav"] = [filled(entry, made) for entry in settings["nav"]]
    with (STAGE / "mkdocs.yml").open("w", encoding="utf-8") as file:
        yaml.dump(settings, file)


def filled(entry: Any, made: dict[str, list[Any]]) -> Any:
    """An entry of the navigation, with generated pages in place of their word."""
    if not isinstance(entry, dict):
        return entry
    ((title, content),) = entry.items()
    return {title: made.get(content, content) if isinstance(content, str) else content}


def list_versions(out: Path, newest: str) -> None:
    """Tell the theme's menu which versions lie beside each other, and lead the root to the newest."""
    found = sorted((f.name for f in out.iterdir() if (f / "index.html").is_file()), key=numbers, reverse=True)
    entries = [{"version": each, "title": each, "aliases": ["latest"] if each == found[0] else []} for each in found]
    (out / "versions.json").write_text(json.dumps(entries), encoding="utf-8")
    page = f'<!doctype html><meta http-equiv="refresh" content="0; url={found[0]}/index.html"><title>{newest}</title>\n'
    (out / "index.html").write_text(page, encoding="utf-8")


def numbers(version: str) -> list[int]:
    """`0.10` comes after `0.9`."""
    return [int(part) for part in version.split(".")]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"))
