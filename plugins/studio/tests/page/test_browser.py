"""The page in Chromium: a file, a preview, a run, a download, a cancelled job, a wrong file."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from invsolve_studio.situation import SITUATIONS

from .conftest import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: apt install chromium"),
]
SECONDS = 1000  # milliseconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, studio: Served) -> Iterator["Page"]:
    """The page, which must neither ask another machine for anything nor complain."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    elsewhere: list[str] = []
    opened.on("request", lambda request: elsewhere.append(request.url))
    opened.goto(studio.address)
    opened.wait_for_selector("#settings input", timeout=60 * SECONDS)
    yield opened
    opened.close()
    assert [url for url in elsewhere if not url.startswith((studio.address, "data:", "blob:"))] == []


def drop(page: "Page", path: Path) -> None:
    page.set_input_files("#file input[type=file]", str(path))


def choose(page: "Page", situation: str) -> None:
    page.click(f"#situation label:has-text('{SITUATIONS[situation].title}')")
    page.wait_for_selector("#settings :text('What the camera did')", timeout=30 * SECONDS)


def shows(page: "Page", element: str, text: str, seconds: int = 120) -> str:
    page.wait_for_selector(f"#{element} :text('{text}')", timeout=seconds * SECONDS)
    return page.inner_text(f"#{element}")


def test_from_a_file_to_a_downloaded_run(page: "Page", picture: Path, tmp_path: Path) -> None:
    drop(page, picture)
    shows(page, "about", "is a picture of 56 x 40 pixels")
    choose(page, "kernel")
    page.click("#preview")
    shows(page, "status", "This is the preview")
    page.wait_for_selector("#slider img", timeout=20 * SECONDS)
    assert not page.is_visible("#download")
    page.click("#restore")
    shows(page, "status", "the run can be downloaded")
    assert "finished after 10 steps" in page.inner_text("#remarks")
    with page.expect_download() as waited:
        page.click("#download")
    waited.value.save_as(tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert archive.testzip() is None
        assert {name.partition("/")[2] for name in archive.namelist()} >= {
            "solution.nc",
            "resolved.yaml",
            "metrics.json",
        }
    page.click("button[role=tab]:has-text('Numbers and maps')")
    shows(page, "numbers", "chi-square")
    page.click("button[role=tab]:has-text('The same run')")
    shows(page, "yaml", "spectral_gaussian")
    shows(page, "python", "execute")


def test_a_clip_plays_before_and_after(page: "Page", clip: Path) -> None:
    drop(page, clip)
    shows(page, "about", "is a clip of 64 x 48 pixels, 5 frames")
    choose(page, "interpolate")
    page.click("#preview")
    shows(page, "status", "This is the preview")
    for player in ("observed", "restored"):
        page.wait_for_selector(f"#{player} video", timeout=20 * SECONDS)
        page.wait_for_function(f"document.querySelector('#{player} video').videoWidth > 0", timeout=20 * SECONDS)


def test_a_cancelled_run_stops_and_another_can_begin(page: "Page", long_clip: Path) -> None:
    drop(page, long_clip)
    shows(page, "about", "is a clip")
    choose(page, "exposure")
    page.click("#restore")
    shows(page, "status", "Restoring")
    page.click("#cancel")
    shows(page, "status", "Cancelled", 15)
    page.wait_for_selector("#preview:not([disabled])", timeout=5 * SECONDS)
    choose(page, "kernel")
    page.click("#preview")
    shows(page, "status", "This is the preview")


def test_a_wrong_file_and_a_wrong_choice_are_told(page: "Page", picture: Path, tmp_path: Path) -> None:
    (tmp_path / "song.png").write_bytes(b"ID3\x04 no picture")
    drop(page, tmp_path / "song.png")
    assert "none of the formats that the studio takes" in shows(page, "about", "begins with")
    page.click("#preview")
    shows(page, "status", "Drop a picture or a clip first", 10)
    drop(page, picture)
    shows(page, "about", "is a picture")
    choose(page, "interpolate")
    page.click("#preview")
    assert "needs a clip" in shows(page, "status", "needs a clip", 10)


def test_a_field_of_the_form_changes_the_recipe(page: "Page", picture: Path) -> None:
    drop(page, picture)
    shows(page, "about", "is a picture")
    choose(page, "kernel")
    page.click("#settings :text('Samples and seed')")
    page.get_by_label("Samples", exact=True).fill("3")
    page.click("button[role=tab]:has-text('The same run')")
    page.wait_for_function("document.querySelector('#yaml').innerText.includes('samples: 3')", timeout=10 * SECONDS)
