"""The tutorials run as printed."""

import re
from pathlib import Path

import pytest
import torch

from invsolve.testing import pretend

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"


def python(page: str) -> str:
    text = (TUTORIALS / page).read_text(encoding="utf-8")
    return "".join(re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE))


def run(page: str, folder: Path, monkeypatch) -> dict:
    monkeypatch.chdir(folder)
    told = {"__name__": "tutorial"}
    with torch.random.fork_rng():
        exec(compile(python(page), page, "exec"), told)
    return told


def test_a_blurred_photograph(tmp_path, monkeypatch):
    told = run("photograph.md", tmp_path, monkeypatch)
    assert told["solution"].video.shape == (8, 1, 3, 1, 120, 180)
    assert told["psnr"](told["solution"].mean) > told["psnr"](told["observed"]) + 5
    (stated,) = re.findall(r"# chi-square ([0-9.]+)", python("photograph.md"))
    assert abs(told["chi_square"] - float(stated)) < 0.02
    assert (tmp_path / "photograph.png").stat().st_size > 10_000


@pytest.mark.slow
def test_certify_a_sampler(tmp_path, monkeypatch):
    told = run("certify.md", tmp_path, monkeypatch)
    assert not told["study"].calibrated
    assert told["TestBiased"]().make().guidance == told["biased"].guidance


def test_train_a_prior(tmp_path, monkeypatch):
    told = run("prior.md", tmp_path, monkeypatch)
    assert (4, 5, 6, 7) in told["ways"]
    assert (7, 6, 5, 4) in told["ways"]


def test_write_a_plugin(tmp_path, monkeypatch):
    text = (TUTORIALS / "plugin.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"````python\n# (\S+\.py)\n(.*?)````", text, flags=re.DOTALL))
    assert sorted(files) == ["invsolve_halation/_plugin.py", "invsolve_halation/halation.py", "tests/test_halation.py"]
    modules = {name: code for name, code in files.items() if name.startswith("invsolve_halation")}
    monkeypatch.syspath_prepend(str(tmp_path))
    pretend(tmp_path, "invsolve-halation", manifest="from invsolve_halation._plugin import *\n", modules=modules)
    from invsolve.plugin import Catalog

    halation = Catalog.discover({}).load("operator", "halation")(share=0.3, radius=1.0)
    x, y = torch.rand(2, 1, 1, 2, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.isclose((halation(x) * y).sum(), (x * halation.adjoint(y)).sum())
    assert torch.allclose(halation(torch.ones_like(x)), torch.ones_like(x))
