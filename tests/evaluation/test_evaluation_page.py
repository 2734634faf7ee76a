"""The page of an evaluation, of clips and of stills."""

import json

import numpy as np
import pytest
from PIL import Image

from invsolve.cli import main
from tests.report.pages import Page

CLIP = """
recipe: 1
input: {read: simulate, from: {read: blocksworld, split: test, index: 0, frames: 3, height: 16, width: 16, samples: 1}}
operator: {use: temporal_average, frames: 3}
noise: {use: gaussian, std: 0.02}
prior: {use: spectral_gaussian}
sampler: {use: ddim, steps: 2}
samples: 2
sweep: {sampler.steps: [2, 3]}
"""
STILL = """
recipe: 1
input: {read: simulate, from: {read: image, path: x.png}}
operator: {use: convolution, kernel: gaussian, std: 1.0}
noise: {use: gaussian, std: 0.02}
prior: {use: spectral_gaussian}
sampler: {use: ddim, steps: 2}
samples: 2
"""


def test_a_sweep_has_one_table_labels_and_pages(tmp_path, capsys):
    (tmp_path / "clip.yaml").write_text(CLIP)
    out = tmp_path / "out"
    assert main(["evaluate", str(tmp_path / "clip.yaml"), "--clips", "0..3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert sum(line.startswith("| ---") for line in printed.splitlines()) == 2  # medians and gains, once
    assert "gain over clip " in printed
    assert {path.suffix for path in out.glob("compare.*")} == {".md", ".csv", ".tex", ".png"}
    folders = sorted((out / "clip").iterdir())
    assert len(folders) == 2 and all("steps=" in folder.name for folder in folders)
    for folder in folders:
        label = json.loads((folder / "evaluation.json").read_text())["label"]
        page = Page((folder / "report.html").read_text(encoding="utf-8"))
        assert page.loaded == [] and f"clip {label}" in page.text
        assert label in (folder / "table.md").read_text()
        assert len(page.all("div", "stage")) == 3 and len(page.all("table", "sortable")) == 2
        charts = [json.loads(each["data-chart"]) for each in page.all("figure", "chart")]
        assert [chart["title"] for chart in charts] == ["PSNR of each frame", "PSNR of each clip"]
        rows = [line.split(",") for line in (folder / "clips.csv").read_text().splitlines()]
        place = rows[0].index("psnr_best_direction")
        own = sorted((float(row[place]) for row in rows[1:] if row[1] == "samples"), reverse=True)
        assert charts[1]["series"][0]["y"] == pytest.approx(own, abs=1e-3)
    assert main(["compare", *map(str, folders)]) == 0
    assert capsys.readouterr().out.strip() == (out / "compare.md").read_text().partition("<!--")[0].strip()
    assert main(["show", str(folders[0]), "--html"]) == 0
    assert main(["show", str(folders[0])]) == 0
    assert "report.html" in capsys.readouterr().out


def test_stills_are_stills(tmp_path, capsys):
    (tmp_path / "pictures").mkdir()
    for number in range(2):
        levels = np.random.default_rng(number).integers(0, 255, (24, 32, 3), dtype=np.uint8)
        Image.fromarray(levels).save(tmp_path / "pictures" / f"{number}.png")
    Image.fromarray(levels).save(tmp_path / "x.png")
    (tmp_path / "still.yaml").write_text(STILL)
    words = ["evaluate", str(tmp_path / "still.yaml"), "--folder", str(tmp_path / "pictures")]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    (folder,) = (tmp_path / "out" / "still").iterdir()
    details = (folder / "details.json").read_text()
    for said in (printed, details, (folder / "clips.csv").read_text()):
        assert "inf" not in said.replace("information", "") and "nan" not in said
    for word in ("way", "forward", "direction of time", "T-PSNR"):
        assert word not in printed
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert [b["data-do"] for b in page.all("button") if "data-do" in b] == ["out", "in", "whole"] * 2
    with Image.open(folder / "contact_sheet.png") as sheet:
        # one picture in each row, not the same one four times
        assert sheet.width < 2 * 150 * (2 * 0.95 * 1.04 + 0.9) + 2
    with Image.open(next((folder / "errors").glob("*.png"))) as errors:
        assert errors.width == 130 + 3 * 32  # names at the left, the map three times as large
