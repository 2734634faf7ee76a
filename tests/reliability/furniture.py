"""`furnish`: a folder with small files of every sort that recipes name, and recipes that end well."""

import contextlib
import functools
import shutil
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from invsolve.errors import InvsolveError
from invsolve.plugin import Catalog
from tests.cli.conftest import furnish as furnish_photo
from tests.priors import tiny_models
from tests.reliability.command import command

HEAD: Final = "recipe: 1\nname: {name}\nmetrics: [psnr, reblur]\ntime_limit: 5\n"
RECIPES: Final = {
    "still": """\
input: {read: simulate, from: {read: image, path: photo.png}}
operator: {use: convolution, kernel: gaussian, std: 1.0}
noise: {use: gaussian, std: 0.02}
prior: {use: gaussian, mean: law.npz, covariance: law.npz}
sampler: {use: diffusion, steps: 3, guidance: {use: exact}}
samples: 2
""",
    "clip": """\
input: {read: simulate, from: {read: npz, path: clip.npz, axes: t c h w, transfer: linear}}
operator: {use: temporal_average, frames: 4}
noise: {use: gaussian, std: 0.02}
prior: {use: spectral_gaussian}
sampler: {use: dps, steps: 4}
baselines: {repeated: repeated}
samples: 2
chunk: 1
""",
    "frames": """\
input: {read: simulate, from: {read: frames, path: frames}}
operator: [{use: downsample, factor: 2}, {use: quantise, bits: 6}]
noise: {use: gaussian, std: 0.05}
prior: {use: spectral_gaussian}
sampler: {use: diffusion, steps: 3, guidance: {use: dps}}
""",
    "network": """\
input: {read: simulate, from: {read: npz, path: linear.npz, axes: t c h w, transfer: linear}}
operator: {use: temporal_average, frames: 2}
noise: {use: gaussian, std: 0.05}
prior: {use: stdit, file: model.safetensors}
sampler: {use: diffusion, steps: 3, guidance: {use: ddnm}, kernel: {use: ddim}}
""",
    "swept": """\
extends: clip.yaml
sweep: {sampler.steps: [2, 3]}
zip: {seed: [1, 2]}
""",
}
SLOW: Final = ("--set", "time_limit=600")
TRAINING: Final = {
    "autoencoder": """\
recipe: 1
data:
  reader: {read: blocksworld, index: null, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  validation: {read: blocksworld, split: validation, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  clips: 4
  first: 3
  growth: 1
autoencoder:
  network: {latent_channels: 4, widths: [8, 8], encoder_blocks: [0, 1], decoder_blocks: [0, 1]}
  batch: 2
  crop: 8
course: {steps: 4, measure_every: 2, sheet_every: 4, save_seconds: 0}
optimisation: {rate: 2e-3, warmup: 2, decay: cosine}
""",
    "diffusion": """\
recipe: 1
data:
  reader: {read: blocksworld, index: null, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  validation: {read: blocksworld, split: validation, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  clips: 4
  first: 3
  growth: 1
diffusion:
  autoencoder: model.safetensors
  batch: 2
  network: {channels: 4, depth: 1, width: 16, heads: 2, learned_variance: true}
course: {steps: 4, measure_every: 2, sheet_every: 4, save_seconds: 0}
optimisation: {rate: 2e-3, warmup: 2, method: muon}
""",
}
FILES: Final = (
    "photo.png",
    "colour.png",
    "clip.npz",
    "linear.npz",
    "law.npz",
    "model.safetensors",
    "kernel.txt",
    "mask.png",
    "frames",
    "still.yaml",
    "missing.png",
)


@functools.cache
def furnished(home: Path) -> Path:
    """A furnished folder, of which each trial has a copy; once a process, whose forks need not import anything then."""
    folder = home / "furnished"
    folder.mkdir()
    furnish(folder)
    _warm(folder)
    return folder


def _warm(folder: Path) -> None:
    """Import whatever commands import: every class, a run and a training."""
    catalog = Catalog.discover()
    for entry in catalog.entries:
        with contextlib.suppress(InvsolveError):  # of an extra that is not installed
            catalog.load_entry(entry)
    with contextlib.chdir(folder):
        for words in (("run", "clip.yaml", *SLOW), ("train", "autoencoder.yaml")):
            ended = command(*words, "--out", "warm", cpu_seconds=600)
            assert ended.code == 0, ended.shown
        shutil.rmtree("warm")


def furnish(folder: Path) -> None:
    """Write inputs, weights and the recipes of `RECIPES` and `TRAINING` into `folder`."""
    furnish_photo(folder)
    (folder / "recipe.yaml").unlink()
    random = np.random.default_rng(0)
    levels = random.integers(0, 256, (8, 10, 3), dtype=np.uint8)
    Image.fromarray(levels).save(folder / "colour.png")
    Image.fromarray(np.where(levels[..., 0] > 60, 255, 0).astype(np.uint8)).save(folder / "mask.png")
    smooth = np.cumsum(random.normal(0, 0.02, (4, 1, 8, 8)), axis=0)
    np.savez(folder / "clip.npz", video=np.clip(0.5 + smooth, 0, 1))
    np.savez(folder / "linear.npz", video=random.uniform(0, 1, (2, 3, 16, 16)))
    (folder / "frames").mkdir()
    for number in range(3):
        Image.fromarray(np.roll(levels, number, 1)).save(folder / "frames" / f"{number}.png")
    (folder / "set").mkdir()
    photo = np.asarray(Image.open(folder / "photo.png"))
    for number in range(2):
        Image.fromarray(np.roll(photo, number, 1)).save(folder / "set" / f"{number}.png")
    (folder / "kernel.txt").write_text("0 1 0\n1 4 1\n0 1 0\n", encoding="ascii")
    tiny_models.write(folder / "model.safetensors")
    for name, text in RECIPES.items():
        head = "recipe: 1\n" if "extends" in text else HEAD.format(name=name)
        (folder / f"{name}.yaml").write_text(head + text, encoding="utf-8")
    for name, text in TRAINING.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
