"""The task trains through `invsolve train`, goes on bit for bit, and leaves a model file."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from invsolve.errors import ReadError
from invsolve.media import FramesReader
from invsolve.training import Shard, numbers
from invsolve_photographs.model_file import read_network
from invsolve_photographs.motion.line import doubled
from invsolve_photographs.training.augmentation import augmented
from invsolve_photographs.training.photograph_task import PhotographTask
from invsolve_priors.training.command import train

from .conftest import SMALL, save, texture


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    (tmp_path / "stills").mkdir()
    (tmp_path / "video").mkdir()
    for number in range(2):
        save(tmp_path / "stills" / f"{number}.png", texture(130, 140, number))
    wide = texture(96, 140, 5)
    for number in range(9):
        save(tmp_path / "video" / f"{number}.png", wide[..., number : number + 112])
    return tmp_path


def recipe(folder: Path) -> Path:
    path = folder / "network.yaml"
    path.write_text(
        """
recipe: 1
task:
  use: photograph
  stills: stills/
  videos: {read: frames, path: video/}
  flow: still
  real: 0.3
  validation: {read: frames, path: video/}
  windows: 2
  side: 64
  batch: 2
  fresh: 1
  count: 6
  first: 3
  growth: 1.0
  examples: examples/
  sizes: {widths: [4, 6, 8], blocks: [1, 2, 1], sharpener_width: 4, sharpener_blocks: 1}
course: {steps: 4, measure_every: 2, sheet_every: 4, save_seconds: 0}
optimisation: {warmup: 0}
""",
        encoding="utf-8",
    )
    return path


def test_training_goes_on_where_it_stopped(folders: Path) -> None:
    path = recipe(folders)
    train(path, out=folders / "whole", quiet=True)
    train(path, out=folders / "parts", stop_after=1, quiet=True)
    train(path, out=folders / "parts", quiet=True)
    whole, parts = (read_network(folders / name / "network" / "model.safetensors") for name in ("whole", "parts"))
    assert whole.sha256 == parts.sha256
    assert whole.sizes == SMALL
    assert whole.facts["steps"] == 4
    lines = [json.loads(line) for line in (folders / "whole" / "network" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4]
    assert {"psnr", "psnr_middle", "psnr_blurred"} <= set(lines[0])
    assert (folders / "whole" / "network" / "sheet_000004.png").is_file()


def task(folder: Path, **changes: object) -> PhotographTask:
    fields: dict[str, object] = {
        "stills": folder / "stills",
        "validation": FramesReader(folder / "video"),
        "windows": 1,
        "side": 64,
        "batch": 4,
        "count": 4,
        "first": 4,
        "examples": folder / "examples",
        "sizes": SMALL,
    }
    return PhotographTask(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_loss_is_the_mean_over_parts(folders: Path) -> None:
    made = task(folders)
    network = made.network(0)
    whole = made.loss(network, 0, 3, Shard())
    halves = [made.loss(network, 0, 3, Shard(k, 2)) for k in range(2)]
    assert torch.allclose(whole, torch.stack(halves).mean(), atol=1e-6)


def test_the_loss_falls(folders: Path) -> None:
    made = task(folders)
    network = made.network(0)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for step in range(12):
        loss = made.loss(network, 0, step % 2, Shard())
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    assert np.mean(losses[-4:]) < np.mean(losses[:4]) - 0.01


def test_examples_of_another_generator_are_refused(folders: Path) -> None:
    made = task(folders)
    made.loss(made.network(0), 0, 0, Shard())
    other = task(folders, median_motion=5.0)
    with pytest.raises(ReadError, match="name another folder"):
        other.loss(other.network(0), 0, 0, Shard())


def test_augmentation_keeps_frames_and_motion_together() -> None:
    """Displacements that are the position itself turn with the picture."""
    side = 16
    y, x = torch.meshgrid(torch.arange(side) - 7.5, torch.arange(side) - 7.5, indexing="ij")
    small = torch.nn.functional.avg_pool2d(torch.stack([y, x])[None], 4)
    motion = small[:, :, None].expand(1, 2, 3, 4, 4) * torch.tensor([-1.0, 0.0, 1.0])[:, None, None]
    picture = torch.stack([y, x, y + x])[None]
    frames = picture[:, :, None] * torch.tensor([-1.0, 0.0, 1.0])[None, None, :, None, None]
    seen = set()
    for number in range(40):
        blurred, moved, motion_now = augmented(numbers(number, "augmentation", 0), picture, frames, motion)
        factor = float(motion_now[0, 0, 2, 3, 0])
        # radial motion stays radial, forwards or backwards in time
        assert torch.allclose(motion_now.abs(), motion.abs())
        assert torch.equal(motion_now[:, :, 2], small * np.sign(factor))
        assert torch.equal(moved[:, :, 2], blurred * np.sign(factor))
        corner = tuple(blurred[0, :2, 0, :2].flatten().tolist())
        seen.add((corner, np.sign(factor)))
    # eight symmetries, forwards and backwards
    assert 12 <= len(seen) <= 16
    assert torch.equal(doubled(small), doubled(-small))
