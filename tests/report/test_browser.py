"""The page in a browser, where there is one: its scripts run under its own policy, and draw."""

import re
import shutil
import subprocess

import pytest

from invsolve.plugin import Catalog
from invsolve.record.run_page import run_page

from .pages import Page, content, rand

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium here")]


@pytest.mark.parametrize("interactive", [False, True])
def test_scripts_run_and_players_draw(tmp_path, interactive):
    if interactive:
        pytest.importorskip("plotly")
    run = content(truth=rand(1, 3, 5, 12, 16, seed=1), reversible=True)
    (tmp_path / "page.html").write_text(run_page(run, Catalog.discover(), interactive=interactive), encoding="utf-8")
    words = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    words += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=8000", "--window-size=1200,900"]
    done = subprocess.run(
        [*words, "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    said = re.findall(r"CONSOLE.*", done.stderr)
    assert not [line for line in said if "Error" in line or "Refused" in line or "violates" in line], said
    page = Page(done.stdout)
    assert "js" in (page.all("html")[0].get("class") or "").split()
    # as wide as they stand on the screen: drawn
    drawn = [canvas for canvas in page.all("canvas") if int(canvas["width"]) > 100]
    assert len(drawn) == 1 + len(page.all("figure", "player"))
    assert len(page.all("option")) >= 2 * len(page.all("figure", "player"))
    assert "frame 0, 0 ms" in page.text
    assert bool(page.all("svg", "main-svg")) == interactive
