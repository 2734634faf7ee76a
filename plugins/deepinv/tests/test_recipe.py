"""Recipes that name classes of deepinv run as any other."""

import json

import pytest
import torch

from invsolve.cli import main
from invsolve.plugin import Catalog
from invsolve.testing.examples import example
from invsolve_deepinv import DeepinvNonlinearPhysics, DeepinvPhysics

RECIPE = """
recipe: 1
input: {read: simulate, from: {read: sample, name: chelsea, size: 16x16}, frames: 1}
operator:
  use: deepinv_physics
  physics: Downsampling
  arguments: {filter: {make: gaussian_blur, sigma: 0.6}, factor: 2}
noise: {use: gaussian, std: 0.02}
prior: {use: deepinv_denoiser, denoiser: MedianFilter, schedule: {use: edm, sigma_max: 1.0}}
sampler: {use: diffusion, kernel: {use: renoise, fraction: 0.5}, guidance: {use: diffpir, weight: 7.0}, steps: 4}
metrics: [psnr]
seed: 0
"""


@pytest.mark.slow
def test_a_recipe_runs(tmp_path):
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    assert main(["run", str(tmp_path / "recipe.yaml"), "--out", str(tmp_path / "runs")]) == 0
    (run,) = (tmp_path / "runs" / "recipe").iterdir()
    assert json.loads((run / "metrics.json").read_text())["psnr"][0] > 15
    assert "tachella2025deepinverse" in (run / "references.bib").read_text()


@pytest.mark.parametrize("cls", [DeepinvPhysics, DeepinvNonlinearPhysics])
def test_the_example_of_its_page_works(cls):
    catalog = Catalog.discover({})
    (entry,) = [e for e in catalog.entries if e.component.target.endswith(f":{cls.__name__}")]
    operator = example(catalog, entry, cls)
    assert operator(torch.rand(1, 3, 2, 32, 32)).isfinite().all()
