"""The prior in a problem and in a recipe: discrete times, learned variances, latents, what it refuses."""

import json
import runpy
from pathlib import Path

import pytest
import torch

import invsolve as iv
from invsolve.cli import main
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.testing import check_components, check_manifest_is_light
from invsolve_azula import Azula, AzulaVP, from_azula
from invsolve_azula.checkpoint.network_file import NetworkFile, write
from invsolve_azula.commands.estimate import estimate as count
from invsolve_azula.commands.models import model_named
from invsolve_azula.commands.random_network import random_state
from invsolve_azula.families.known import family_named
from invsolve_samplers import DDPMKernel, Diffusion, DPSGuidance

SPACE = iv.VideoSpace(frames=1, height=8, width=8)


def test_the_manifest_is_light_and_its_components_keep_the_contract():
    check_manifest_is_light("invsolve_azula._plugin")
    check_components("invsolve-azula")


def test_adm_sees_its_own_discrete_times(tiny):
    prior = Azula(tiny("adm"))
    network = prior.file.network()
    z = torch.randn(2, 3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert prior.schedule == iv.DiscreteSchedule()
    for time in (0, 1, 500, 998, 999):
        level = prior.schedule.at(float(time))
        output = network(z[:, :, 0], torch.tensor([time, time]))
        found = prior.predict(z, level)
        torch.testing.assert_close(found.eps[:, :, 0], output[:, :3], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(found.variance_fraction[:, :, 0], (output[:, 3:] + 1) / 2, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("steps", "schedule"), [(1000, "cosine"), (4000, "linear")])
def test_the_schedule_is_that_of_the_config(steps, schedule):
    from azula.plugins.adm import AblatedDenoiser

    found = family_named("adm").schedule({"discrete_steps": steps, "discrete_schedule": schedule})
    theirs = AblatedDenoiser(torch.nn.Identity(), discrete_steps=steps, discrete_schedule=schedule).sigmas
    sigmas = torch.tensor([found.at(float(time)).s for time in range(0, steps, 97)])
    torch.testing.assert_close(sigmas, theirs[::97], rtol=1e-6, atol=1e-7)


def test_learned_variances_reach_the_kernel(tiny):
    y = torch.rand(1, 3, 1, 8, 8)
    problem = iv.Problem(iv.Identity(), y, Azula(tiny("adm"), clip=True), noise=iv.GaussianNoise(std=0.1))
    sampler = Diffusion(kernel=DDPMKernel(variance="learned"), guidance=DPSGuidance(scale=0.5), steps=3)
    assert bool(torch.isfinite(iv.solve(problem, sampler, seed=0).video).all())


RECIPE = """
recipe: 1
input: {{read: simulate, from: {{read: sample, name: astronaut, size: 8x8}}}}
operator: {{use: convolution, kernel: gaussian, std: 1.0}}
noise: {{use: gaussian, std: 0.05}}
prior: {prior}
sampler: {{use: dps, steps: 2, scale: 0.3}}
seed: 0
"""


def test_a_recipe_says_whom_to_cite(tiny, tmp_path, capsys):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(RECIPE.format(prior=f"{{use: azula, path: {tiny('edm2')}, label: 2}}"), encoding="utf-8")
    assert main(["cite", str(recipe)]) == 0
    said = capsys.readouterr().out
    assert "karras2024analyzing" in said
    assert "rozet2024azula" in said


@pytest.mark.slow
def test_the_estimate_counts_a_step(tiny, tmp_path, capsys):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(RECIPE.format(prior=f"{{use: azula, path: {tiny('edm')}}}"), encoding="utf-8")
    one, three = (count(recipe, (f"samples={samples}",)) for samples in (1, 3))
    network = Azula(tiny("edm")).file.network()
    assert one.parameters == sum(each.numel() for each in network.parameters())
    assert (one.pictures, three.pictures) == (1, 3)
    assert three.kept_bytes == pytest.approx(3 * one.kept_bytes, rel=0.05)
    forward = 0
    for each in network.modules():  # by hand: each weight once for every position
        if isinstance(each, torch.nn.Linear):
            forward += 2 * each.weight.numel()
    convolutions = sum(
        2 * each.weight.numel() * side**2
        for side in (8, 4)
        for part in (network.enc, network.dec)
        for name, block in part.items()
        if name.startswith(f"{side}x")
        for each in block.modules()
        if getattr(each, "weight", None) is not None and each.weight.ndim == 4
    )
    assert 1.8 * (forward + convolutions) < one.operations < 2.6 * (forward + convolutions)
    assert main(["azula", "estimate", str(recipe)]) == 0
    assert "kept for the gradient: 0.00 GiB, pictures at a time: 1" in capsys.readouterr().out
    assert main(["azula", "estimate", str(recipe), "--set", "prior={use: spectral_gaussian}"]) == 2
    assert "the prior is SpectralGaussian; this estimates azula alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "fields", "space", "error", "said"),
    [
        ("adm", {"label": 1}, SPACE, ComponentError, r"Azula.label is 1, but .*\(ADM\) knows no classes"),
        ("edm", {"label": 3}, SPACE, ComponentError, r"Azula.label is 3, but .*\(EDM\) knows classes 0 to 2"),
        (
            "adm",
            {"decoder": Path()},
            SPACE,
            ComponentError,
            "Azula.decoder has no effect: .* models pixels; leave it out",
        ),
        (
            "adm",
            {},
            iv.VideoSpace(frames=2, height=8, width=8),
            SpaceError,
            "got 2 frames; for a video write .*frame_wise",
        ),
        ("adm", {}, iv.VideoSpace(frames=1, height=8, width=9), SpaceError, r"\(3, 1, 8, 8\), got \(3, 1, 8, 9\)"),
    ],
)
def test_what_does_not_fit(tiny, name, fields, space, error, said):
    with pytest.raises(error, match=said):
        Azula(tiny(name), **fields).latent_shape(space)


def test_levels_without_a_prediction_and_conditions(tiny):
    z = torch.zeros(1, 3, 1, 8, 8)
    for name in ("adm", "edm"):
        with pytest.raises(CapabilityError, match=r"a = 0"):
            Azula(tiny(name)).predict(z, iv.NoiseLevel(a=0.0, s=1.0, time=1.0))
    with pytest.raises(CapabilityError, match="takes no condition; a class is written as `label:`"):
        Azula(tiny("adm")).predict(z, iv.DiscreteSchedule().at(5.0), torch.ones(1, 1))
    with pytest.raises(CapabilityError, match=r"s = 0"):
        Azula(tiny("adm")).predict(z, iv.NoiseLevel(a=1.0, s=0.0, time=0.0))


def test_files_that_are_none(tiny, tmp_path):
    for content, said in ((None, "there is no file"), (b"text", "is not a complete safetensors file")):
        path = tmp_path / "a.safetensors"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ReadError, match=said):
            Azula(path).latent_shape(SPACE)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(tiny("adm").read_bytes()[:-100])
    with pytest.raises(ReadError, match="is not a complete safetensors file"):
        Azula(cut).latent_shape(SPACE)
    from safetensors.torch import save_file

    save_file({"w": torch.ones(2)}, tmp_path / "foreign.safetensors")
    with pytest.raises(ReadError, match="none of `invsolve azula convert`"):
        Azula(tmp_path / "foreign.safetensors").latent_shape(SPACE)


def test_what_from_azula_refuses():
    from azula import denoise, noise

    denoiser = denoise.SimpleDenoiser(torch.nn.Identity(), noise.VPSchedule())
    with pytest.raises(ComponentError, match=r"in training mode.*call its `.eval\(\)`"):
        from_azula(denoiser)
    with pytest.raises(ComponentError, match="takes a denoiser of azula, got Identity"):
        from_azula(torch.nn.Identity())
    assert from_azula(denoiser.eval()).schedule == AzulaVP()


def test_without_azula_there_is_one_sentence(tiny, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "azula"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "azula", None)
    with pytest.raises(
        CapabilityError, match=r"azula is not installed, .*`pip install --no-deps 'azula>=0.11.1,<0.12'`"
    ):
        Azula(tiny("adm")).predict(torch.zeros(1, 3, 1, 8, 8), iv.DiscreteSchedule().at(5.0))


FFHQ = """
recipe: 1
input: {read: simulate, from: {read: sample, name: astronaut, size: 256x256}}
operator: {use: convolution, kernel: gaussian, std: 3.0}
noise: {use: gaussian, std: 0.05}
prior: {use: azula, path: ffhq.safetensors, clip: true}
sampler: {use: dps, steps: 2, scale: 0.3}
seed: 0
"""


@pytest.mark.slow
def test_the_published_network_of_ffhq_converts_loads_and_solves_by_a_recipe(tmp_path, monkeypatch, capsys):
    """Random parameters in the published layout and size; a minute of one core, 1.7 GB."""
    monkeypatch.chdir(tmp_path)
    torch.save(random_state(*model_named("adm/ffhq_256x256")), "ffhq_10m.pt")
    assert main(["azula", "convert", "ffhq_10m.pt", "ffhq.safetensors", "--model", "adm/ffhq_256x256"]) == 0
    (tmp_path / "ffhq.yaml").write_text(FFHQ, encoding="utf-8")
    assert main(["run", "ffhq.yaml"]) == 0
    (run,) = (tmp_path / "runs" / "ffhq").iterdir()
    assert set(json.loads((run / "provenance.json").read_text())["distributions"]) >= {"invsolve", "invsolve-azula"}
    (item,) = iv.SolutionDataset(run)
    assert item["video"].shape == (3, 1, 256, 256)
    assert bool(torch.isfinite(item["video"]).all())
    capsys.readouterr()


@pytest.mark.slow
def test_latents_of_edm2(tmp_path):
    from diffusers import AutoencoderKL

    blocks = {"block_out_channels": (32, 32), "down_block_types": ("DownEncoderBlock2D",) * 2}
    vae = AutoencoderKL(**blocks, up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4).eval()
    vae.save_pretrained(tmp_path / "vae")
    family = family_named("edm2")
    scales = {"latent_scale": [0.1, 0.2, 0.3, 0.4], "latent_bias": [1.0, -1.0, 0.5, 0.0]}
    config = dict(family.tiny()) | {"img_channels": 4} | scales
    write(tmp_path / "a.safetensors", family, config, random_state(family, config), "random")
    with pytest.raises(CapabilityError, match="write `decoder:`, the folder of sd-vae-ft-mse"):
        Azula(tmp_path / "a.safetensors").latent_shape(SPACE)
    prior = Azula(tmp_path / "a.safetensors", decoder=tmp_path / "vae", label=1)
    assert prior.latent_shape(iv.VideoSpace(frames=1, height=16, width=16)) == (4, 1, 8, 8)
    video = torch.rand(2, 3, 1, 16, 16)
    scale, bias = (torch.tensor(scales[f"latent_{name}"]).reshape(4, 1, 1) for name in ("scale", "bias"))
    with torch.no_grad():
        z = vae.encode(video[:, :, 0]).latent_dist.mean * scale + bias
        torch.testing.assert_close(prior.encode(video)[:, :, 0], z)
        torch.testing.assert_close(prior.decode(z[:, :, None])[:, :, 0], vae.decode((z - bias) / scale).sample)
    problem = iv.Problem(iv.Identity(), video, prior, noise=iv.GaussianNoise(std=0.1))
    sampler = Diffusion(kernel=DDPMKernel(), guidance=DPSGuidance(scale=0.5), steps=2)
    assert bool(torch.isfinite(iv.solve(problem, sampler, seed=0).video).all())


def test_the_readme_runs(tmp_path, monkeypatch):
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    code = "".join(part.partition("```")[0] for part in text.split("```python\n")[1:])
    (tmp_path / "page.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    told = runpy.run_path("page.py")
    assert told["prior"].schedule == AzulaVP(alpha_min=0.01, sigma_min=0.01)
    assert NetworkFile(Path("tiny.safetensors")).family.name == "adm"
