"""Without any extra a run still gives its pictures and numbers, and each thing left out is named with its extra."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from invsolve.errors import MissingExtra
from invsolve.extras import EXTRAS, lacking, missing_extra
from invsolve.files.needs import needs

WITHOUT = f"""
import sys
from importlib import util
ABSENT = {sorted(EXTRAS)!r}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
found = util.find_spec
def find_spec(name, package=None):
    return None if name.partition(".")[0] in ABSENT else found(name, package)
util.find_spec = find_spec
from invsolve.cli import main
"""
RECIPE = """\
recipe: 1
input: {read: frames, path: clip, frame_rate: 24}
operator: {use: identity}
noise: {use: gaussian, std: 0.1}
prior: {use: spectral_gaussian}
sampler: {use: ddim, steps: 2, guidance: {use: exact}}
samples: 2
device: cpu
metrics: [reblur]
"""


@pytest.fixture(scope="module")
def headless(tmp_path_factory):
    """What commands printed in a process in which no optional package can be imported, and the folder."""
    folder = tmp_path_factory.mktemp("headless")
    (folder / "clip").mkdir()
    for number in range(2):
        picture = np.random.default_rng(number).integers(0, 255, (16, 24, 3), np.uint8)
        Image.fromarray(picture).save(folder / "clip" / f"{number}.png")
    (folder / "r.yaml").write_text(RECIPE)
    for name in ("c.mp4", "t.exr"):
        (folder / name).write_bytes(b"\x76\x2f\x31\x01" + bytes(60))
    lines = [
        'print("code", main(["run", "r.yaml"]))',
        'print("code", main(["run", "r.yaml", "--set", "input={read: video, path: c.mp4}"]))',
        'print("code", main(["run", "r.yaml", "--set", "input={read: image, path: t.exr}"]))',
        'print("code", main(["run", "r.yaml", "--set", "input={read: sample, name: coffee}"]))',
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + "\n".join(lines)],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done, folder


def test_a_run_gives_what_needs_no_extra_and_names_the_rest(headless):
    done, folder = headless
    (run,) = (folder / "runs" / "r").iterdir()
    assert (run / "frames" / "sample-1" / "0001.png").is_file()
    assert json.loads((run / "metrics.json").read_text())
    with np.load(run / "solution.npz") as arrays:
        assert arrays["video"].shape == (2, 1, 3, 2, 16, 24)
    assert not list(run.glob("*.nc")) and not list(run.glob("*.mp4"))
    for extra in ("netcdf", "plots", "video"):
        assert f"`pip install 'invsolve[{extra}]'` brings it" in done.stdout
        assert f"'invsolve[{extra}]'" in (run / "log.txt").read_text()


def test_what_cannot_be_done_without_is_one_sentence(headless):
    done, _ = headless
    assert done.stdout.count("code 0") == 1
    assert done.stdout.count("code 2") == 3
    assert "Traceback" not in done.stderr
    for extra in ("video", "formats", "samples"):
        assert f"`pip install 'invsolve[{extra}]'`" in done.stderr


def test_the_sentences():
    needs("numpy", "a test")
    assert lacking("videos", "av", "numpy") == ""
    assert missing_extra(ModuleNotFoundError("", name="av.container")).endswith("`pip install 'invsolve[video]'`.")
    assert missing_extra(ModuleNotFoundError("", name="nowhere")) == missing_extra(ValueError()) == ""


def test_an_absent_package_is_named(monkeypatch):
    monkeypatch.setattr("invsolve.extras.find_spec", lambda _: None)
    monkeypatch.setattr("invsolve.files.needs.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"a TIFF needs tifffile, .*`pip install 'invsolve\[formats\]'`\."):
        needs("tifffile", "a TIFF")
    assert lacking("pictures", "matplotlib").startswith("pictures left out: matplotlib is not installed")
