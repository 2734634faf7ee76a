"""A metric owns its heading, unit and direction: tables know of no metric but by its scores."""

from pathlib import Path

import attrs
import numpy as np
import pytest

from invsolve.cli import main
from invsolve.errors import ComponentError
from invsolve.evaluation.measures import ALWAYS, table_scores
from invsolve.evaluation.summary import Summary
from invsolve.metrics import PSNR, Metric, Score
from invsolve.plugin import Catalog
from invsolve.record.summary import summary_rows, summary_text
from invsolve.testing.pretend import installed, manifest_of, pretend

BRIGHTNESS = """\
from typing import ClassVar, final

import attrs

from invsolve.metrics import Metric, Reconstruction, Score
from invsolve.metrics.metric import Values


@final
@attrs.frozen
class Brightness(Metric):
    "The mean of all values of each sample."

    scores: ClassVar[tuple[Score, ...]] = (
        Score("brightness", "mean light", "lx", decimals=1, better="lower"),
        Score("brightest", "brightest", decimals=0, tables=("run",)),
    )

    def evaluate(self, reconstruction: Reconstruction) -> Values:
        means = reconstruction.video.flatten(1).mean(1).tolist()
        return {"brightness": means, "brightest": float(max(means))}
"""
RECIPE = """\
recipe: 1
input:
  read: simulate
  from: {read: blocksworld, split: validation, frames: 4, height: 16, width: 16, samples: 1}
operator: {use: temporal_average, frames: 4}
noise: {use: gaussian, std: 0.01}
prior: {use: spectral_gaussian}
sampler: {use: diffusion, steps: 2, kernel: {use: ddim}, guidance: {use: pigdm}}
samples: 2
baselines: {repeated: {use: repeated}}
metrics: [psnr, brightness]
"""


def test_a_metric_is_a_class_and_a_line_of_a_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Of a plugin that nobody here knows: in the summary of a run, in `show`, and in the table of an evaluation."""
    manifest = manifest_of(("metric", "brightness", "invsolve_light_metric:Brightness"))
    pretend(tmp_path, "invsolve-light", manifest=manifest, modules={"invsolve_light_metric.py": BRIGHTNESS})
    recipe, out = tmp_path / "toy.yaml", tmp_path / "runs"
    recipe.write_text(RECIPE, encoding="utf-8")
    with installed(tmp_path):
        assert main(["run", str(recipe), "--out", str(out)]) == 0
        ran = capsys.readouterr().out
        assert main(["show", str(out)]) == 0
        shown = capsys.readouterr().out
        assert main(["evaluate", str(recipe), "--clips", "0..1", "--out", str(out)]) == 0
        table = capsys.readouterr().out
    for text in (ran, shown):
        (headings,) = (line for line in text.splitlines() if "PSNR [dB]" in line)
        assert "mean light [lx]" in headings
        assert "brightest: " in text
    (headings,) = (line for line in table.splitlines() if "PSNR [dB]" in line)
    assert [cell.strip() for cell in headings.split("|")][-4:-1] == ["mean light [lx] ↓", "network ↓", "seconds ↓"]
    assert "brightest" not in table


def test_every_number_for_each_sample_has_a_heading_of_its_own():
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": "invsolve"})
    scores = [score for name in catalog.names("metric") for score in catalog.load("metric", name).scores]
    assert len({score.name for score in scores}) == len(scores)
    for table in ("run", "clips"):
        titles = [score.title for score in scores if table in score.tables]
        assert len(set(titles)) == len(titles)
    assert all(type(metric).scores for metric in ALWAYS)


def test_scores_say_how_they_are_written():
    gain = Score("gain", "gain", "dB", decimals=2, signed=True, better="higher")
    assert (gain.title, gain.arrow, gain.text(1.5), gain.text(-1.5)) == ("gain [dB]", " ↑", "+1.50", "-1.50")
    plain = Score("a", "b")
    assert (plain.title, plain.arrow, plain.text(2.0)) == ("b", "", "2.000")
    with pytest.raises(ComponentError, match="better"):
        Score("a", "b", better="more")  # type: ignore[arg-type]
    with pytest.raises(ComponentError, match="decimals"):
        Score("a", "b", decimals=-1)


def test_a_score_may_be_left_out_of_a_table():
    values = {"psnr": [20.0], "reblur_misfit": [1.0], "calibration_ratio": 1.25, "coverage": 0.5, "other": [1.0]}
    values |= {"coverage_nominal": 0.9, "coverage_error": 0.125}
    headings, _ = summary_rows(values)
    assert headings == ["", "PSNR [dB]", "other"]
    assert summary_text(values).splitlines()[-2:] == [
        "error over spread: 1.250",
        "90% intervals hold 50.0% ± 12.5% of the truth",
    ]
    columns = [score.name for score in table_scores(())]
    assert "psnr" in columns
    assert "ssim" not in columns


def test_without_its_plugin_a_metric_has_the_name_of_its_key():
    headings, rows = summary_rows({"psnr": [20.0]}, Catalog.discover({"INVSOLVE_PLUGINS": ""}))
    assert (headings, rows) == (["", "psnr"], [["sample 0", "20"]])


def test_a_metric_of_the_recipe_is_measured_once():
    assert [score.name for score in table_scores((PSNR(),))] == [score.name for score in table_scores(())]

    @attrs.frozen
    class Own(Metric):
        scores = (Score("own", "own"),)

        def evaluate(self, reconstruction):
            return {}

    scores = table_scores((Own(),))
    table = Summary({"a": {"": {"own": np.array([1.0, 2.0])}}}, scores).table("t")
    assert table.splitlines()[0].split() == ["|", "t", "|", "own", "|"]
    assert table.splitlines()[2].split() == ["|", "samples", "|", "1.500", "|"]
