"""Latent posterior sampling from a recipe, end to end: a blurred observation is explained at the end, not before."""

import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from invsolve.recipe import load_one
from invsolve.record.execution import Task
from invsolve.solving.loop import solve
from invsolve.video.space import VideoSpace
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.tiny.known import tiny_architectures

RECIPE = """
recipe: 1
input: {{read: simulate, from: {{read: npz, path: clip.npz}}}}
operator:
  - {{use: temporal_average, frames: {frames}, transfer: ignore}}
  - {{use: downsample, factor: 8}}
noise: {{use: gaussian, std: 0.001}}
prior: {{use: {prior}, path: {path}, placement: {{decoder_frames: 3}}}}
sampler: {{use: diffusion, steps: 100, kernel: {{use: ddim}}, guidance: {{use: dps, scale: 3.0}}}}
samples: 1
seed: 0
"""


@pytest.mark.parametrize(
    ("name", "prior", "weights", "last", "seed"),
    [
        ("cogvideox", "cogvideox", "transformer", "proj_out", 5),
        ("tft2v", "unet3d", "unet", "conv_out", 1),
    ],
)
def test_the_misfit_falls_tenfold(tiny, tmp_path, name, prior, weights, last, seed):
    """The sum of squares between the observation and a blurred video: the decoded start, and the solution.

    The last
    layer is turned down, so that the denoiser is near that of a standard normal law, since a random one has no law; the
    clip is one that the random decoder can make, and how well it is found again depends on which (9 to 34 times).
    """
    folder = shutil.copytree(tiny(name), tmp_path / "model")
    file = folder / weights / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    for each in ("weight", "bias"):
        tensors[f"{last}.{each}"] *= 0.05
    save_file(tensors, file, {"format": "pt"})
    model, space = Diffusers(str(folder)), VideoSpace(*tiny_architectures()[name][1].clip)
    generator = torch.Generator().manual_seed(seed)
    truth, start = (torch.randn(1, *model.latent_shape(space), generator=generator) for _ in range(2))
    with torch.no_grad():
        clip = model.decode(3 * truth).clamp(0, 1)[0].permute(1, 2, 3, 0).numpy()
    np.savez(tmp_path / "clip.npz", video=clip)
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(frames=space.frames, prior=prior, path=folder))
    task = Task.prepare(load_one(tmp_path / "recipe.yaml"))
    solution = solve(task.problem, task.recipe.sampler, seed=task.recipe.seed)

    def misfit(video):
        return float((task.problem.observation - task.problem.operator.forward(video)).square().sum())

    before = misfit(model.decode(start).detach())
    assert misfit(solution.video[0]) < before / 10


@pytest.mark.parametrize(("name", "prior"), [("cogvideox", "cogvideox"), ("tft2v", "unet3d")])
def test_the_decoder_is_pushed_forward_as_it_is_pulled_back(tiny, tmp_path, name, prior):
    """Forward mode, which fused attention lacks: ``<v, J u> = <J^T v, u>``."""
    space = VideoSpace(*tiny_architectures()[name][1].clip)
    np.savez(tmp_path / "clip.npz", video=np.zeros((space.frames, space.height, space.width, 3)))
    (tmp_path / "recipe.yaml").write_text(RECIPE.format(frames=space.frames, prior=prior, path=tiny(name)))
    problem = Task.prepare(load_one(tmp_path / "recipe.yaml")).problem
    shape = (1, *problem.prior.latent_shape(space))
    generator = torch.Generator().manual_seed(0)
    z, u = (torch.randn(shape, generator=generator) for _ in range(2))
    trace = problem.trace_decoder(z)
    pushed = trace.push(u)
    v = torch.randn(pushed.shape, generator=generator)
    pulled = trace.pull(v)
    torch.testing.assert_close((v * pushed).sum(), (pulled * u).sum(), rtol=1e-3, atol=1e-3)
