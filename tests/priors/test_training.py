"""Training: exact resumption, learning, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from invsolve.cli import main
from invsolve.errors import ComponentError, ReadError, RecipeError, RunFailed
from invsolve.files.claim import claimed
from invsolve.media import NpzReader
from invsolve.training import Shard
from invsolve_priors.learned.model_file import read_model
from invsolve_priors.training.diffusion.latents import LatentPool
from invsolve_priors.training.loop import CHECKPOINT, LOG, MODEL, Course, train
from invsolve_priors.training.optimisation import Optimisation
from invsolve_priors.training.pool import ClipPool
from invsolve_priors.training.processes import Processes
from invsolve_priors.training.recipe import read_recipe
from invsolve_priors.training.setup import identity, task_of

AUTOENCODER = """
recipe: 1
data:
  reader: {read: blocksworld, index: null, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  validation: {read: blocksworld, split: validation, clips: 2, frames: 2, height: 16, width: 16, samples: 1}
  clips: 8
  first: 3
  growth: 1
autoencoder:
  network: {latent_channels: 4, widths: [8, 8], encoder_blocks: [0, 1], decoder_blocks: [0, 1]}
  batch: 4
  crop: 8
course: {steps: 6, measure_every: 3, sheet_every: 6}
optimisation: {rate: 2e-3, warmup: 2, decay: cosine}
"""
DIFFUSION = (
    AUTOENCODER.split("autoencoder:", maxsplit=1)[0]
    + """
diffusion:
  autoencoder: first.safetensors
  batch: 4
  network: {channels: 4, depth: 1, width: 16, heads: 2, learned_variance: true}
course: {steps: 6, measure_every: 3, sheet_every: 6}
optimisation: {rate: 2e-3, warmup: 2, method: muon}
"""
)


@pytest.fixture(scope="module")
def first_stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    recipe = folder / "ae.yaml"
    recipe.write_text(AUTOENCODER)
    assert main(["train", str(recipe), "--out", str(folder), "--quiet"]) == 0
    return folder / "ae"


def written(folder: Path, text: str, name: str = "recipe.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def diffusion(folder: Path, first_stage: Path) -> Path:
    (folder / "first.safetensors").write_bytes((first_stage / MODEL).read_bytes())
    return written(folder, DIFFUSION)


def test_training_an_autoencoder_leaves_its_record(first_stage):
    lines = [json.loads(line) for line in (first_stage / LOG).read_text().splitlines()]
    assert [line["step"] for line in lines] == [3, 6]
    assert all(np.isfinite(line["loss"]) for line in lines)
    assert (first_stage / "sheet_000006.png").stat().st_size > 100
    card = read_model(first_stage / MODEL).card
    assert card.facts["steps"] == 6
    assert (first_stage / "recipe.yaml").read_text() == AUTOENCODER
    (record,) = [json.loads(line) for line in (first_stage / "record.jsonl").read_text().splitlines()]
    assert record["versions"]["torch"] == torch.__version__
    assert set(card.facts["measured"]) == {"psnr", "psnr_moving"}
    assert card.space.transfer == "linear"


@pytest.mark.parametrize("kind", ["autoencoder", "diffusion"])
def test_training_stopped_and_gone_on_with_is_training_run_through(kind, tmp_path, first_stage):
    recipe = written(tmp_path, AUTOENCODER) if kind == "autoencoder" else diffusion(tmp_path, first_stage)
    assert main(["train", str(recipe), "--out", str(tmp_path / "whole"), "--quiet"]) == 0
    for _ in range(3):
        assert main(["train", str(recipe), "--out", str(tmp_path / "parts"), "--quiet", "--stop-after", "2"]) == 0
    whole, parts = (read_model(tmp_path / name / "recipe" / MODEL) for name in ("whole", "parts"))
    assert whole.sha256 == parts.sha256


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path, capsys):
    recipe = written(tmp_path, AUTOENCODER)
    arguments = ["train", str(recipe), "--out", str(tmp_path), "--quiet", "--stop-after", "1"]
    assert main(arguments) == 0
    recipe.write_text(AUTOENCODER.replace("2e-3", "1e-3"))
    assert main(arguments) == 2
    assert "belongs to another training recipe" in capsys.readouterr().err


def test_two_trainings_in_one_folder_are_refused(tmp_path, capsys):
    recipe = written(tmp_path, AUTOENCODER)
    (tmp_path / "recipe").mkdir()
    with claimed(tmp_path / "recipe", ""):
        assert main(["train", str(recipe), "--out", str(tmp_path), "--quiet", "--stop-after", "1"]) == 2
    assert "another process is at work in" in capsys.readouterr().err
    assert list((tmp_path / "recipe").iterdir()) == []


def test_a_damaged_checkpoint_is_refused(tmp_path, capsys):
    recipe = written(tmp_path, AUTOENCODER)
    arguments = ["train", str(recipe), "--out", str(tmp_path), "--quiet", "--stop-after", "1"]
    assert main(arguments) == 0
    path = tmp_path / "recipe" / CHECKPOINT
    content = path.read_bytes()
    for damaged in (content[:1000], content[:-9] + b"damaged!!", content.replace(b'"step":"1"', b'"step":"3"')):
        path.write_bytes(damaged)
        assert main(arguments) == 2
        assert "Remove it to start over" in capsys.readouterr().err
    path.write_bytes(content)
    assert main(arguments) == 0


def test_training_learns(tmp_path):
    recipe = read_recipe(written(tmp_path, AUTOENCODER))
    task = task_of(recipe, tmp_path, tmp_path, {})
    state = train(
        task,
        Course(steps=60, measure_every=60, sheet_every=1000),
        Optimisation(rate=5e-3, warmup=5, average=0.9),
        seed=0,
        recipe="",
        folder=tmp_path / "run",
        processes=Processes.joined("cpu"),
    )
    with torch.no_grad():
        before, after = task.measure(task.network(0).eval())["psnr"], task.measure(state.average)["psnr"]
    assert after > before + 1.5


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    recipe = read_recipe(written(tmp_path, AUTOENCODER))
    task = task_of(recipe, tmp_path, tmp_path, {})
    task.data[np.array([0])]
    stored = np.lib.format.open_memmap(next(tmp_path.glob("clips_*/clips.npy")), mode="r+")
    assert stored.shape == (8, 3, 2, 16, 16)
    with pytest.raises(RunFailed, match=r"lower optimisation\.rate"):
        train(
            task,
            Course(steps=30, precision="float32"),
            Optimisation(rate=1e20, warmup=0, clip=1e20),
            seed=0,
            recipe="",
            folder=tmp_path / "run",
            processes=Processes.joined("cpu"),
        )


def test_what_a_step_draws_from_depends_on_the_step_alone(tmp_path):
    recipe = read_recipe(written(tmp_path, AUTOENCODER))
    pool = task_of(recipe, tmp_path, tmp_path, {}).data
    assert [pool.available(step) for step in (0, 1, 9)] == [3, 4, 8]
    late = pool[np.array([7, 1])]
    fresh = ClipPool(pool.reader, pool.clips, pool.first, pool.growth, tmp_path / "other")
    early = fresh[np.array([1])]
    assert torch.equal(late[1:], early)
    assert torch.equal(fresh[np.array([7])], late[:1])


def test_a_reader_that_repeats_itself_is_refused(tmp_path):
    path = tmp_path / "one.npz"
    np.savez(path, video=np.random.default_rng(0).random((2, 16, 16, 3)))
    pool = ClipPool(NpzReader(path=path), 4, 2, 1, tmp_path / "pool")
    with pytest.raises(ReadError, match="reads the same clip with every seed"):
        pool[np.array([3])]


def test_a_pool_of_another_reader_is_refused(tmp_path):
    path = tmp_path / "one.npz"
    np.savez(path, video=np.random.default_rng(0).random((2, 16, 16, 3)))
    ClipPool(NpzReader(path=path), 4, 2, 1, tmp_path / "pool")[np.array([0])]
    with pytest.raises(ReadError, match="name another folder"):
        ClipPool(NpzReader(path=path), 5, 2, 1, tmp_path / "pool")[np.array([0])]


def test_latents_are_encoded_once_and_kept_in_half_precision(tmp_path, first_stage):
    recipe = read_recipe(diffusion(tmp_path, first_stage))
    latents = task_of(recipe, tmp_path, tmp_path, {}).data
    assert isinstance(latents, LatentPool)
    which = np.array([2, 0, 2])
    found = latents[which]
    assert torch.equal(found, latents.encode(latents.clips[which]).half().float())
    np.lib.format.open_memmap(latents.folder / "latents.npy", mode="r+")[0] = 7.0
    assert bool((latents[np.array([0])] == 7.0).all())


def test_a_finished_training_at_a_constant_rate_may_be_gone_on_with(tmp_path, first_stage):
    recipe = diffusion(tmp_path, first_stage)
    longer = written(tmp_path, DIFFUSION.replace("steps: 6", "steps: 9"), "longer.yaml")
    assert identity(read_recipe(recipe)) == identity(read_recipe(longer))
    assert identity(read_recipe(written(tmp_path, AUTOENCODER, "a.yaml"))) != identity(
        read_recipe(written(tmp_path, AUTOENCODER.replace("steps: 6", "steps: 9"), "b.yaml"))
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("growth: 1", "grwth: 1", "Did you mean 'growth'"),
        ("decay: cosine", "decay: sine", "cosine"),
        ("course: {steps: 6,", "course: {steps: 0,", "steps"),
        (
            "  crop: 8\n",
            "  crop: 8\ndiffusion: {autoencoder: x.safetensors}\n",
            "either `autoencoder` or `diffusion`",
        ),
    ],
)
def test_mistakes_in_recipes_are_named_with_their_place(old, new, message, tmp_path):
    assert old in AUTOENCODER
    path = written(tmp_path, AUTOENCODER.replace(old, new))
    with pytest.raises(RecipeError, match=message) as found:
        read_recipe(path)
    assert "recipe.yaml:" in str(found.value)


def test_values_are_set_on_the_command_line(tmp_path):
    path = written(tmp_path, AUTOENCODER)
    assert read_recipe(path, ["course.steps=2", "optimisation.method=muon"]).course.steps == 2
    with pytest.raises(RecipeError, match="Did you mean 'course'"):
        read_recipe(path, ["cours.steps=2"])


def test_rates_warm_up_and_decay():
    cosine = Optimisation(rate=1.0, warmup=10, decay="cosine")
    assert cosine.rate_at(0, 110) == pytest.approx(0.1)
    assert cosine.rate_at(9, 110) == pytest.approx(1.0)
    assert cosine.rate_at(60, 110) == pytest.approx(0.5)
    assert cosine.rate_at(110, 110) == pytest.approx(0.0, abs=1e-12)
    assert Optimisation(rate=1.0, warmup=0).rate_at(99, 100) == 1.0


def test_a_decoder_trained_on_leaves_the_latents_as_they_are(tmp_path, first_stage):
    (tmp_path / "first.safetensors").write_bytes((first_stage / MODEL).read_bytes())
    text = AUTOENCODER.replace("  batch: 4", "  start: first.safetensors\n  decoder_only: true\n  batch: 4")
    recipe = written(tmp_path, text)
    assert main(["train", str(recipe), "--out", str(tmp_path), "--quiet"]) == 0
    before, after = (read_model(path).autoencoder for path in (first_stage / MODEL, tmp_path / "recipe" / MODEL))
    clip = torch.rand(1, 3, 1, 16, 16)
    assert torch.equal(before.encode(clip), after.encode(clip))
    z = torch.randn(1, 4, 1, 4, 4)
    assert not torch.allclose(before.decode(z), after.decode(z))
    assert identity(read_recipe(recipe)) == identity(read_recipe(recipe))


def test_starting_from_an_autoencoder_of_other_sizes_is_refused(tmp_path, first_stage, capsys):
    (tmp_path / "first.safetensors").write_bytes((first_stage / MODEL).read_bytes())
    other = AUTOENCODER.replace("widths: [8, 8]", "widths: [8, 16]")
    recipe = written(tmp_path, other.replace("  batch: 4", "  start: first.safetensors\n  batch: 4"))
    assert main(["train", str(recipe), "--out", str(tmp_path), "--quiet"]) == 2
    assert "widths=(8, 8)" in capsys.readouterr().err
    with pytest.raises(RecipeError, match="needs `start`"):
        read_recipe(written(tmp_path, AUTOENCODER.replace("  batch: 4", "  decoder_only: true\n  batch: 4")))


def test_a_transformer_learns_the_residual_of_a_linear_estimate_and_is_gone_on_from(tmp_path, first_stage):
    path = diffusion(tmp_path, first_stage)
    chosen = ["--set", "diffusion.output=residual", "--set", "diffusion.rank=6", "--set", "diffusion.fitted=8"]
    learned = [*chosen, "--set", "diffusion.network.learned_variance=false"]
    assert main(["train", str(path), *learned, "--out", str(tmp_path), "--quiet"]) == 0
    model = read_model(tmp_path / "recipe" / MODEL)
    assert model.card.gaussian.rank == 6
    again = [*learned, "--set", f"diffusion.start={tmp_path / 'recipe' / MODEL}", "--set", "optimisation.rate=1e-9"]
    assert main(["train", str(path), *again, "--out", str(tmp_path / "again"), "--quiet"]) == 0
    after = read_model(tmp_path / "again" / "recipe" / MODEL)
    for name, value in model.denoiser.state_dict().items():
        torch.testing.assert_close(after.denoiser.state_dict()[name], value, rtol=1e-2, atol=1e-4)
    torch.testing.assert_close(after.gaussian.axes, model.gaussian.axes, rtol=0, atol=0)


def test_a_start_of_another_kind_is_refused(tmp_path, first_stage):
    path = diffusion(tmp_path, first_stage)
    assert main(["train", str(path), "--out", str(tmp_path), "--quiet"]) == 0
    recipe = read_recipe(path, ["diffusion.output=flow", f"diffusion.start={tmp_path / 'recipe' / MODEL}"])
    with pytest.raises(ReadError, match="output v"):
        task_of(recipe, tmp_path, tmp_path / "other", {})


def test_parts_of_a_batch_add_up_to_it(tmp_path, first_stage):
    recipe = read_recipe(diffusion(tmp_path, first_stage))
    task = task_of(recipe, tmp_path, tmp_path, {})
    network = task.network(0)
    whole = task.loss(network, 0, 1, Shard())
    parts = [task.loss(network, 0, 1, Shard(index, 2)) for index in range(2)]
    torch.testing.assert_close(sum(parts) / 2, whole, rtol=1e-5, atol=1e-6)
    with pytest.raises(ComponentError, match="3 processes cannot share a batch of 4"):
        task.loss(task.network(0), 0, 0, Shard(0, 3))


def test_two_processes_learn_what_one_learns(tmp_path, first_stage):
    path = diffusion(tmp_path, first_stage)
    overrides = ["--set", "course.precision=float32", "--set", "optimisation.method=adamw"]
    assert main(["train", str(path), *overrides, "--out", str(tmp_path / "one"), "--quiet"]) == 0
    launch = "accelerate.commands.launch --cpu --num_processes 2 --num_machines 1 --mixed_precision no"
    launch += " --dynamo_backend no --main_process_port 0 -m invsolve train"
    command = [sys.executable, "-m", *launch.split(), str(path), *overrides, "--out", str(tmp_path / "two"), "--quiet"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one, two = (read_model(tmp_path / name / "recipe" / MODEL).denoiser.state_dict() for name in ("one", "two"))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-2, atol=2e-4)
    logs = [(tmp_path / name / "recipe" / LOG).read_text().splitlines() for name in ("one", "two")]
    assert len(logs[1]) == len(logs[0])
    losses = [json.loads(lines[-1])["loss"] for lines in logs]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
