"""`invsolve deblur`: a photograph becomes a run's folder, and what motion does not explain is said."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from invsolve.cli import main
from invsolve.recipe import load_one
from invsolve_photographs.deblurring.diagnosis import Diagnosis, softness
from invsolve_photographs.deblurring.maps import ambiguity_map, lengths, motion_map, uncertainty
from invsolve_photographs.deblurring.noise_level import LEAST, noise_std
from invsolve_photographs.photograph_prior import PhotographPrior
from invsolve_photographs.shaking.shaken_patch import softened

from .conftest import save, texture
from .test_law import law


def run_of(out: Path) -> Path:
    (found,) = out.glob("*/*")
    return found


def test_a_photograph_becomes_a_run(photograph: Path, model_file: Path, tmp_path: Path) -> None:
    options = ["--past", "1", "--future", "2", "--frames", "3", "--samples", "2", "--out", str(tmp_path)]
    assert main(["deblur", str(photograph), *options, "--weights", str(model_file), "--anyway", "--quiet"]) == 0
    folder = run_of(tmp_path)
    assert folder.parent.name == "hand_shake"
    assert len(list((folder / "frames" / "sample-1").glob("*.png"))) == 6
    pictures = ("sharp", "motion", "ambiguity", "uncertainty", "overview")
    assert all((folder / f"{name}.png").is_file() for name in pictures)
    for name in pictures[:-1]:
        with Image.open(folder / f"{name}.png") as picture:
            assert picture.size == (70, 54)
    assert {"solution.nc", "video.mp4", "recipe.yaml"} <= {file.name for file in folder.iterdir()}
    facts = json.loads((folder / "photograph.json").read_text())
    assert facts["times"] == pytest.approx([7 / 9 * k for k in range(-2, 4)], abs=1e-5)
    assert facts["noise_std"] >= LEAST


def test_the_recipe_that_was_run_runs_again(photograph: Path, model_file: Path, tmp_path: Path) -> None:
    options = ["--samples", "1", "--frames", "2", "--anyway", "--quiet"]
    for name in ("one", "two"):
        where = ["--out", str(tmp_path / name), "--weights", str(model_file)]
        assert main(["deblur", str(photograph), *options, *where]) == 0
    one, two = run_of(tmp_path / "one"), run_of(tmp_path / "two")
    assert one.name.split("-")[1] == two.name.split("-")[1]
    recipe = load_one(one / "recipe.yaml")
    assert recipe.hash8 == load_one(one).hash8
    assert isinstance(recipe.prior, PhotographPrior)
    frames = [(each / "frames" / "sample-0" / "0001.png").read_bytes() for each in (one, two)]
    assert frames[0] == frames[1]


def test_what_motion_does_not_explain_is_said(
    tmp_path: Path, model_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    soft = save(tmp_path / "soft.png", softened(noise, 4.0).sub(0.5).mul(8).add(0.5).clamp(0, 1))
    assert main(["deblur", str(soft), "--weights", str(model_file), "--out", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert "motion does not explain this blur" in said
    assert "--anyway" in said
    assert not (tmp_path / "runs").exists()
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(40))
    assert main(["deblur", str(tmp_path / "clip.mp4")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_verdicts() -> None:
    noise = torch.rand(1, 3, 96, 144, generator=torch.Generator().manual_seed(0))
    level = torch.stack([noise[..., k : k + 128] for k in range(9)]).mean(0)
    wide = softened(noise[..., :128], 4.0).sub(0.5).mul(6).add(0.5)
    assert softness(level) < 0.2
    assert softness(noise[..., :128]) < 0.2
    assert softness(wide) > 0.5


@pytest.mark.parametrize("std", [0.01, 0.03])
def test_the_noise_is_found(std: float) -> None:
    smooth = torch.nn.functional.interpolate(texture(16, 16), size=(256, 256), mode="bicubic", align_corners=True)
    noisy = smooth + std * torch.randn(smooth.shape, generator=torch.Generator().manual_seed(0))
    assert noise_std(noisy) == pytest.approx(std, rel=0.03)
    assert noise_std(smooth) == LEAST


def test_maps_show_the_motion() -> None:
    shown = motion_map(law())
    assert shown.shape == (3, 21, 30)
    # level is red, upright is cyan
    assert float(shown[0, 10, 4]) > 0.9
    assert float(shown[1, 10, 4]) < 0.1
    assert float(shown[0, 10, 26]) < 0.1
    assert float(shown[1, 10, 26]) > 0.5
    assert (lengths(law())[:, :4] - 7).abs().max() < 0.01
    assert not torch.equal(ambiguity_map(law())[:, 10, 4], ambiguity_map(law())[:, 10, 26])
    assert (uncertainty(law()) >= 0.02 - 1e-9).all()


def test_listing_the_plugin_imports_no_torch() -> None:
    code = "import invsolve_photographs._plugin, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_blur_that_does_not_shrink_with_the_picture_is_longer_than_was_seen() -> None:
    def seen(typical: float) -> Diagnosis:
        return Diagnosis(typical, 2 * typical, 0.0, "motion")

    assert not seen(8.0).hides(seen(4.1))
    assert seen(9.5).hides(seen(12.4))
    assert not seen(1.0).hides(seen(1.0))
