import base64
import hashlib
import json
import re

import attrs
import numpy as np
import pytest
import torch

from invsolve.plugin import Catalog
from invsolve.record.run_page import run_page

from .pages import Page, content, rand

CATALOG = Catalog.discover()
LIMIT = 15 * 2**20
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def clip():
    truth = rand(1, 3, 5, 12, 16, seed=1)
    return content(truth=truth, reversible=True), Page(run_page(content(truth=truth, reversible=True), CATALOG))


def test_a_page_loads_nothing_and_says_so_to_the_browser(clip):
    page = clip[1]
    assert page.loaded == []
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "http" not in policy
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts]
    assert len(hashes) == 2
    assert re.findall(r"'sha256-([^']+)'", policy) == hashes


def test_every_shot_is_in_the_page_with_its_description(clip):
    page = clip[1]
    players = page.all("figure", "player")
    assert [each["data-name"] for each in players] == [
        *("observed", "truth", "mean", "sample 0"),
        *(each["data-name"] for each in players[4:7]),
        *("standard deviation", "error of mean"),
    ]
    assert {each["data-name"] for each in players[4:7]} == {"sample 1", "sample 2", "sample 3"}
    for each, (said, picture) in zip(players, page.pictures.items(), strict=False):
        assert said.startswith(each["data-name"])
        assert picture.width == int(each["data-columns"]) * int(each["data-width"])
    assert all(attrs.get("alt") for attrs in page.all("img"))
    (compare,) = page.all("div", "compare")
    assert (compare["data-left"], compare["data-right"]) == ("observed", "sample 0")
    assert all(attrs.get("aria-label") for attrs in page.all("canvas"))
    assert all(attrs.get("aria-label") for attrs in page.all("input"))


def test_pixels_of_a_sheet_are_those_of_the_video(clip):
    run, page = clip
    (sheet,) = [picture for said, picture in page.pictures.items() if said.startswith("sample 0")][:1]
    (player,) = [each for each in page.all("figure", "player") if each["data-name"] == "sample 0"]
    columns, width, height = (int(player[f"data-{name}"]) for name in ("columns", "width", "height"))
    pixels = np.asarray(sheet)
    for frame in range(5):
        y, x = frame // columns * height, frame % columns * width
        expected = (run.video[0, 0, :, frame].permute(1, 2, 0).numpy() * 255).round()
        np.testing.assert_array_equal(pixels[y : y + height, x : x + width], expected)


def test_maps_are_of_the_samples_in_one_direction_and_have_a_scale():
    once = rand(1, 1, 3, 5, 12, 16)
    page = Page(run_page(content(torch.cat([once, once.flip(3)]), reversible=True), CATALOG))
    (spread,) = [picture for said, picture in page.pictures.items() if said.startswith("standard deviation")]
    assert np.asarray(spread).max() == 0
    two = torch.zeros(2, 1, 1, 1, 4, 4)
    two[1, ..., 0, 0] = 0.5
    page = Page(run_page(content(two), CATALOG))
    (player,) = [each for each in page.all("figure", "player") if each["data-name"] == "standard deviation"]
    # of the values 0 and 0.5, unbiased
    assert float(player["data-highest"]) == pytest.approx(0.5 / 2**0.5, rel=0.2)
    assert np.asarray(page.pictures["standard deviation, of 2 samples"])[0, 0] == 255


def test_words_of_a_run(clip):
    text = clip[1].text
    for said in (
        "small seed=3",
        "4 samples of 5 frames of 16 × 12 pixels, given a clip",
        "The observation does not tell the direction of time",
        "of the mean of 4; the observation has 18.00 dB",
        "Gauss and Noether (1918). A Title.",
        "invsolve run small.yaml",
        "temporal_average",
        "5",
        "began",
    ):
        assert said in text, said


def test_charts_hold_their_numbers(clip):
    run, page = clip
    charts = {chart["title"]: chart for chart in (json.loads(c["data-chart"]) for c in page.all("figure", "chart"))}
    assert list(charts) == [
        *("Trace: misfit", "PSNR of each frame", "Rank of the truth among the samples", "Coverage"),
    ]
    assert charts["Trace: misfit"]["series"][2]["y"] == pytest.approx(run.trace["misfit"][:, 2, 0].tolist())
    ranks = charts["Rank of the truth among the samples"]["series"][0]["y"]
    below = (run.video < run.truth).sum(0).flatten()
    assert ranks == pytest.approx([float((below == k).double().mean()) for k in range(5)])
    assert charts["Coverage"]["series"][0]["x"] == pytest.approx([0, 1 / 5, 3 / 5])
    assert charts["Coverage"]["series"][0]["y"] == pytest.approx([0, ranks[2], sum(ranks[1:4])])


def test_a_still_has_no_player_controls_and_no_motion():
    page = Page(run_page(content(rand(1, 1, 1, 1, 8, 8)), CATALOG))
    assert "#motion" not in [link["href"] for link in page.all("a")]
    assert "what is ambiguous" not in page.text
    assert [b["data-do"] for b in page.all("button") if "data-do" in b] == ["out", "in", "whole"]
    assert [each["data-name"] for each in page.all("figure", "player")] == ["observed", "sample 0"]
    assert "One sample is one possible answer" in page.text


@pytest.mark.parametrize("place", ["recipe", "resolved", "log", "reference", "label", "remark", "fact", "trace"])
def test_what_others_wrote_stays_text(place):
    run = content()
    facts = dict(run.facts)
    changed = {
        "recipe": {"written": HOSTILE},
        "resolved": {"resolved": f"operator: {{use: {json.dumps(HOSTILE)}}}"},
        "log": {"log": HOSTILE},
        "reference": {"references": (HOSTILE,)},
        "label": {"facts": facts | {"recipe": {"name": "n", "label": HOSTILE}}},
        "remark": {"remarks": (HOSTILE,)},
        "fact": {"facts": facts | {"input": {"name": HOSTILE}}},
        "trace": {"trace": {HOSTILE: rand(3, 4, 1)}},
    }[place]
    page = Page(run_page(attrs.evolve(run, **changed), CATALOG))
    assert len(page.scripts) == 2 and not any("alert" in script for script in page.scripts)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.loaded == []
    held = page.text + " ".join(filter(None, (each.get("data-chart") for _, each in page.elements)))
    assert "alert(1)" in held and "{{ 7 * 7 }}" in held


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "truth"), [((2, 1, 3, 1, 1500, 2000), True), ((2, 1, 3, 150, 96, 128), False)])
def test_a_large_run_stays_below_the_limit(shape, truth):
    video = rand(*shape)
    run = content(video, truth=video[0] if truth else None, values={}, trace={})
    text = run_page(run, CATALOG)
    page = Page(text)
    assert len(text) < LIMIT
    names = {"observed", "mean", "sample 0", "sample 1", "standard deviation", *(("truth", "error of mean") * truth)}
    assert {each["data-name"] for each in page.all("figure", "player")} == names


def test_long_clips_are_thinned_and_say_so():
    page = Page(run_page(content(rand(1, 1, 1, 250, 4, 4)), CATALOG))
    frames = {each["data-name"]: each["data-frames"] for each in page.all("figure", "player")}
    assert frames == {"observed": "1", "sample 0": "84"}
    assert page.all("div", "stage")[0]["data-step"] == "3"
    assert "Every 3th frame" not in page.text and "One frame in 3 is shown" in page.text


def test_several_observations_have_a_stage_each():
    page = Page(run_page(content(rand(2, 2, 1, 3, 6, 6)), CATALOG))
    assert len(page.all("div", "stage")) == 2
    assert "Observation 1" in page.text


def test_plotly_is_in_the_page_once_where_it_is_asked_for():
    pytest.importorskip("plotly")
    text = run_page(content(), CATALOG, interactive=True)
    page = Page(text)
    assert len(page.scripts) == 3 and "plotly.js v" in page.scripts[0][:200]
    assert page.loaded == []
    assert 10**6 < len(text) < LIMIT
