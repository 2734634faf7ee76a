"""Training on a condition: what is drawn, what the network is told, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.fft import dct

from invsolve.cli import main
from invsolve.errors import ComponentError, ReadError, RecipeError, SpaceError
from invsolve.media import ReadContext
from invsolve.prior.interval_encoding import encode_intervals
from invsolve.training import Shard
from invsolve.training.exposures import ExposureMode, draw_exposures
from invsolve_priors import CFG, ExposureConditioned, STDiT
from invsolve_priors.learned.model_file import read_model
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_priors.learned.stdit.network import STDiTNetwork
from invsolve_priors.training.diffusion.coherence import coherence_loss
from invsolve_priors.training.loop import MODEL
from invsolve_priors.training.recipe import read_recipe
from invsolve_priors.training.setup import task_of
from tests.priors.tiny_models import write

RECIPE = """
recipe: 1
data:
  reader: {read: blocksworld, index: null, clips: 2, frames: 6, height: 16, width: 16, samples: 1}
  validation: {read: blocksworld, split: validation, clips: 3, frames: 6, height: 16, width: 16, samples: 1}
  clips: 8
  first: 8
diffusion:
  autoencoder: first.safetensors
  batch: 4
  network: {channels: 4, depth: 1, width: 16, heads: 2, interval_vector: 48, observed_frame: true}
  condition:
    noise: {use: gaussian, std: 0.01}
    drop: 0.25
    exposures: [{frames: [2, 6], exposed: [0.3, 1.0]}]
course: {steps: 6, measure_every: 3, sheet_every: 6}
optimisation: {rate: 2e-3, warmup: 2}
"""
WHOLE_CLIP = {
    "frame": "{enters: frame, operator: {use: temporal_average, frames: 6}}",
    "channels": "{enters: channels, operator: {use: convolution, kernel: gaussian, std: 1.0}}",
    "vector": "{enters: vector}",
}
NETWORKS = {
    "frame": "{channels: 4, depth: 1, width: 16, heads: 2, observed_frame: true}",
    "channels": "{channels: 4, depth: 1, width: 16, heads: 2, condition_channels: 4}",
    "vector": "{channels: 4, depth: 1, width: 16, heads: 2, condition_vector: 4}",
}


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    write(tmp_path / "first.safetensors")
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def rewritten(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def task(path: Path, *overrides: str):
    return task_of(read_recipe(path, overrides), path.parent, path.parent / "run", {})


def entering(recipe: Path, how: str) -> Path:
    """The recipe with an observation of the whole clip."""
    text = recipe.read_text()
    head, tail = text[: text.index("  network:")], text[text.index("course:") :]
    recipe.write_text(f"{head}  network: {NETWORKS[how]}\n  condition: {WHOLE_CLIP[how]}\n{tail}")
    return recipe


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(20))
def test_the_present_is_tiled(seed):
    drawn = ExposureMode(frames=(1, 6)).draw(rng(seed), 5, 6)
    count = drawn.frames.shape[1]
    ends = torch.arange(count + 1, dtype=torch.float64) / count - 0.5
    torch.testing.assert_close(drawn.intervals, torch.stack([ends[:-1], ends[1:]], 1).expand(5, -1, -1))
    # the picture is the mean of the very frames that are to be found
    found = torch.zeros(5, 6, dtype=torch.float64).scatter_(1, drawn.frames, 1 / count)
    torch.testing.assert_close(drawn.weights, found)


@pytest.mark.parametrize("seed", range(20))
def test_past_and_future_lie_outside_of_the_exposure(seed):
    drawn = ExposureMode(frames=(3, 13), exposed=(0.2, 0.8), every=(1, 2)).draw(rng(seed), 4, 13)
    torch.testing.assert_close(drawn.weights.sum(1), torch.ones(4, dtype=torch.float64))
    for frames, intervals, weights in zip(drawn.frames, drawn.intervals, drawn.weights, strict=True):
        exposed = weights.nonzero().flatten()
        assert torch.equal(exposed, torch.arange(exposed[0], exposed[-1] + 1))
        first, length = float(exposed[0]), len(exposed)
        torch.testing.assert_close(intervals[:, 0], (frames.double() - first) / length - 0.5)
        torch.testing.assert_close(intervals[:, 1], (frames.double() + 1 - first) / length - 0.5)
        inside = (intervals[:, 0] >= -0.5 - 1e-12) & (intervals[:, 1] <= 0.5 + 1e-12)
        assert torch.equal(inside, torch.isin(frames, exposed))
        assert frames.min() >= 0
        assert frames.max() < 13


def test_windows_are_no_longer_than_the_clip():
    mode = ExposureMode(frames=(2, 6), every=(2, 9))
    for seed in range(30):
        drawn = mode.draw(rng(seed), 3, 7)
        assert int(drawn.frames.max()) < 7
        assert bool((drawn.weights.sum(1) - 1).abs().max() < 1e-12)


def test_modes_are_drawn_by_weight():
    modes = (ExposureMode(frames=(1, 1), weight=3.0), ExposureMode(frames=(2, 2)))
    stream = rng()
    lengths = [draw_exposures(modes, stream, 1, 4).frames.shape[1] for _ in range(2000)]
    assert np.mean(np.array(lengths) == 1) == pytest.approx(0.75, abs=0.03)


def test_coherence_is_the_weighted_cosine_transform():
    error = torch.randn(3, 2, 7, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    modes = dct(error.numpy(), type=2, norm="ortho", axis=2)
    weights = 4 * np.sin(np.pi * np.arange(7) / 14) ** 2
    wanted = (modes**2 * weights[:, None, None]).sum(2).mean((1, 2, 3)) / 7
    np.testing.assert_allclose(coherence_loss(error), wanted, rtol=1e-12)
    still = error[:, :, :1].expand(error.shape)
    np.testing.assert_allclose(coherence_loss(still), 0, atol=1e-30)
    np.testing.assert_allclose(coherence_loss(error[:, :, :1]), 0, atol=1e-30)


def test_a_weight_adds_the_coherence_to_the_loss(recipe):
    plain, weighted = (task(recipe, f"diffusion.coherence={w}") for w in (0.0, 0.1))
    network = plain.network(0)
    with torch.no_grad():
        without, with_it = (each.loss(network, 0, 1, Shard()).double() for each in (plain, weighted))
        alone = task(recipe, "diffusion.coherence=1e6").loss(network, 0, 1, Shard()).double() / 1e6
    torch.testing.assert_close(with_it - without, 0.1 * alone, rtol=1e-3, atol=1e-6)
    assert float(alone) > 0.1


def test_the_picture_is_the_noisy_mean_of_the_exposed_frames(recipe):
    made = task(recipe, "diffusion.condition.noise=null", "diffusion.condition.drop=0", "diffusion.reverse=false")
    which, still = np.array([0, 3, 5, 1]), np.zeros(4, bool)
    batch = made._batch(which, still, 0, 7, slice(None))
    told = batch.conditioning
    clips, latents = made.data.clips[which], made.data[which]
    for row, (intervals, observed) in enumerate(zip(told.intervals, told.observed, strict=True)):
        width = float(intervals[0, 1] - intervals[0, 0])
        length = round(1 / width)
        matches = []
        for first in range(6 - length + 1):  # where the exposure began is in the intervals alone
            places = ((intervals[:, 0] + 0.5) * length + first).round().long()
            if places.min() < 0 or places.max() > 5 or not torch.equal(latents[row][:, places], batch.z0[row]):
                continue
            mean = clips[row : row + 1, :, first : first + length].mean(2, keepdim=True)
            matches.append(float((made.data.encode(mean)[0] - observed).abs().max()))
        assert min(matches) < 0.03  # the encoder runs in bfloat16


def test_parts_of_a_batch_add_up_to_it(recipe):
    made = task(recipe)
    network = made.network(0)
    whole = made.loss(network, 0, 1, Shard())
    parts = [made.loss(network, 0, 1, Shard(index, 2)) for index in range(2)]
    torch.testing.assert_close(sum(parts) / 2, whole, rtol=1e-4, atol=1e-6)


def test_conditions_are_drawn_anew_at_every_step_and_the_same_for_the_same_step(recipe):
    made = task(recipe)
    which, still = np.array([0, 1, 2, 3]), np.zeros(4, bool)
    once, again, later = (made._batch(which, still, 0, step, slice(None)) for step in (4, 4, 5))
    assert torch.equal(once.conditioning.observed, again.conditioning.observed)
    assert torch.equal(once.conditioning.intervals, again.conditioning.intervals)
    assert not torch.equal(once.conditioning.observed, later.conditioning.observed)


def test_the_share_of_dropped_observations(recipe):
    made = task(recipe)
    which, still = np.array([0, 1, 2, 3]), np.zeros(4, bool)
    dropped = [
        bool((row == 0).all())
        for step in range(100)
        for row in made._batch(which, still, 0, step, slice(None)).conditioning.observed
    ]
    assert np.mean(dropped) == pytest.approx(0.25, abs=0.065)  # three standard deviations of 400 draws


@pytest.mark.parametrize("how", ["exposures", "frame", "channels", "vector"])
def test_a_network_learns_to_use_its_condition(how, recipe):
    if how != "exposures":
        entering(recipe, how)
    made = task(recipe, "optimisation.rate=1e-2")
    network = made.network(0)
    (optimiser,) = read_recipe(recipe, ["optimisation.rate=1e-2"]).optimisation.optimisers(network)
    for step in range(30):
        made.loss(network, 0, step, Shard()).backward()
        optimiser.step()
        optimiser.zero_grad()
    with torch.no_grad():
        measured = made.measure(network)
    assert {"error", "error_shuffled", "error_none"} < set(measured)
    assert measured["error"] != measured["error_shuffled"] != measured["error_none"]


def test_what_training_tells_is_what_the_prior_tells(recipe):
    """The network's output in training is that of `exposure_conditioned` around the model file."""
    assert main(["train", str(recipe), "--out", str(recipe.parent), "--quiet"]) == 0
    path = recipe.parent / "recipe" / MODEL
    model = read_model(path)
    assert model.card.condition == "frame"
    assert model.card.takes_condition
    batch = task(recipe)._batch(np.array([0, 1, 2, 3]), np.zeros(4, bool), 0, 3, slice(None))
    told = batch.conditioning
    prior = STDiT(file=path)
    level = prior.schedule.levels(10)[4]
    rows = (told.intervals[0] + 0.5).tolist()
    wrapped = ExposureConditioned(prior, intervals=rows).predict(batch.z0[:1], level, told.observed[:1])
    with torch.no_grad():
        says = told.output(model.denoiser, batch.z0, torch.full((4,), level.time))[:1]
    torch.testing.assert_close(wrapped.z0, level.a * batch.z0[:1] - level.s * says, rtol=1e-4, atol=1e-5)
    guided = CFG(ExposureConditioned(prior, intervals=rows), scale=0.0)
    without = told.with_observed(torch.zeros_like(told.observed))
    with torch.no_grad():
        says = without.output(model.denoiser, batch.z0, torch.full((4,), level.time))[:1]
    found = guided.predict(batch.z0[:1], level, told.observed[:1])
    torch.testing.assert_close(found.z0, level.a * batch.z0[:1] - level.s * says, rtol=1e-4, atol=1e-5)


def test_the_picture_and_the_intervals_change_what_a_network_says():
    sizes = STDiTConfiguration(channels=4, depth=1, width=16, heads=2, interval_vector=48, observed_frame=True)
    torch.manual_seed(0)
    network = STDiTNetwork(sizes).double()
    for parameter in network.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    z, time = torch.randn(1, 4, 3, 4, 4).double(), torch.tensor([300.0]).double()
    early, late = (encode_intervals(torch.tensor([[-0.5, 0.5], row, row])).double()[None] for row in ([0, 1], [1, 2]))
    one, other = network(z, time, early), network(z, time, late)
    assert not torch.allclose(one, other)
    swapped = torch.cat([z[:, :, 1:2], z[:, :, :1], z[:, :, 2:]], 2)
    assert not torch.allclose(network(swapped, time, early)[:, :, 2], one[:, :, 2])


def test_frozen_parts_stay_and_the_rest_learns(recipe):
    out = recipe.parent
    assert main(["train", str(recipe), "--out", str(out), "--quiet"]) == 0
    first = out / "recipe" / MODEL
    more = ["--set", f"diffusion.start={first}", "--set", "optimisation.trained=[interval_embedder.*, frame_table]"]
    assert main(["train", str(recipe), *more, "--out", str(out / "second"), "--quiet"]) == 0
    before, after = (read_model(path).denoiser.state_dict() for path in (first, out / "second" / "recipe" / MODEL))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"interval_embedder.weight", "interval_embedder.bias", "frame_table"}


def test_a_pattern_that_fits_nothing_is_refused(recipe, capsys):
    arguments = ["train", str(recipe), "--out", str(recipe.parent), "--quiet"]
    assert main([*arguments, "--set", "optimisation.trained=[blur_encoder.*]"]) == 2
    assert "'blur_encoder.*' fits no parameter" in capsys.readouterr().err


def test_a_partial_start_takes_what_fits(recipe):
    other = recipe.parent / "prior.safetensors"
    write(other)  # without a condition
    made = task(recipe, f"diffusion.start={other}", "diffusion.start_matching=shared")
    network, theirs = made.network(0).state_dict(), read_model(other).denoiser.state_dict()
    assert set(network) - set(theirs) == {"interval_embedder.weight", "interval_embedder.bias", "frame_table"}
    for name, value in theirs.items():
        assert torch.equal(network[name], value)
    with pytest.raises(ReadError, match="takes what fits"):
        task(recipe, f"diffusion.start={other}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  condition:", "  con:", "has no field 'con'"),
        (", observed_frame: true", "", "needs a network with observed_frame: true"),
        ("interval_vector: 48", "interval_vector: 47", "48 numbers"),
        ("    drop: 0.25", "    enters: channels", "leave them out"),
        ("    drop: 0.25", "    drop: 1.0", "drop"),
        ("frames: [2, 6]", "frames: [6, 2]", "the least and the most"),
        ("exposed: [0.3, 1.0]", "exposed: [0.0, 1.0]", "exposed"),
        ("  batch: 4\n", "  batch: 4\n  output: residual\n", "cannot be trained with `output: residual`"),
        ("  batch: 4\n", "  batch: 4\n  start_matching: shared\n", "needs `start`"),
    ],
)
def test_contradictions_are_named(old, new, message, recipe):
    with pytest.raises(RecipeError, match=message):
        read_recipe(rewritten(recipe, old, new))


@pytest.mark.parametrize(
    "takes", ["condition_channels: 4", "condition_vector: 3", "interval_vector: 48", "observed_frame: true"]
)
def test_a_conditional_network_without_a_condition_is_refused(takes, recipe):
    text = recipe.read_text()
    start, end = text.index("  network:"), text.index("course:")
    recipe.write_text(f"{text[:start]}  network: {{channels: 4, depth: 1, width: 16, heads: 2, {takes}}}\n{text[end:]}")
    with pytest.raises(RecipeError, match="the network takes a condition"):
        read_recipe(recipe)


def test_an_observation_of_another_size_is_refused(recipe):
    entering(recipe, "channels")
    rewritten(recipe, "{use: convolution, kernel: gaussian, std: 1.0}", "{use: temporal_average, frames: 6}")
    with pytest.raises(SpaceError, match=r"is a video of c t h w = \(3, 6, 16, 16\)"):
        task(recipe)


def test_several_pictures_cannot_be_the_observed_frame(recipe):
    entering(recipe, "frame")
    rewritten(recipe, "frames: 6}}", "frames: 3}}")
    with pytest.raises(SpaceError, match=r"is a video of c t h w = \(3, 1, 16, 16\)"):
        task(recipe)


def test_clips_shorter_than_every_window_are_refused(recipe):
    rewritten(recipe, "{frames: [2, 6], exposed: [0.3, 1.0]}", "{frames: [4, 6], every: [2, 2]}")
    with pytest.raises(SpaceError, match="at least 8 frames, they have 6"):
        task(recipe)


def pairs(folder: Path) -> None:
    """Two scenes of pairs in GoPro's layout."""
    stream = np.random.default_rng(0)
    for scene in ("a", "b"):
        for kind in ("blur", "sharp"):
            (folder / "pairs" / scene / kind).mkdir(parents=True)
            for number in range(8):
                pixels = stream.integers(0, 255, (16, 16, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / "pairs" / scene / kind / f"{number:06d}.png")


def paired(recipe: Path) -> Path:
    """The recipe with recorded observations."""
    pairs(recipe.parent)
    entering(recipe, "channels")
    text = recipe.read_text()
    start, end = text.index("  reader:"), text.index("  clips: 8")
    reader = "{read: pair, path: pairs, frames: 3"
    recipe.write_text(
        f"{text[:start]}  reader: {reader}}}\n  validation: {reader}, index: 0}}\n{text[end:]}".replace(
            WHOLE_CLIP["channels"], "{enters: channels, source: recorded}"
        )
    )
    return recipe


def test_pairs_are_kept_together(recipe):
    made = task(paired(recipe), "diffusion.reverse=false", "diffusion.condition.drop=0")
    which = np.array([2, 5])
    batch = made._batch(which, np.zeros(2, bool), 0, 0, slice(0, 2))
    reader = made.data.clips.reader
    for row, seed in enumerate(which):
        recording = reader.read(ReadContext(seed=int(seed)))
        torch.testing.assert_close(made.data.clips[which][row : row + 1], recording.truth, rtol=0, atol=1e-6)
        observed = made.data.encode(recording.video)[0]
        torch.testing.assert_close(batch.conditioning.observed[row], observed, rtol=0, atol=0.03)
    assert made.recorded.shape == made.validation.shape
    assert np.isfinite(float(made.loss(made.network(0), 0, 1, Shard()).detach()))
    with torch.no_grad():
        assert made.measure(made.network(0))["error"] > 0


def test_a_recorded_observation_needs_a_reader_of_pairs(recipe):
    entering(recipe, "channels")
    rewritten(recipe, WHOLE_CLIP["channels"], "{enters: channels, source: recorded}")
    with pytest.raises(ComponentError, match="needs a reader of pairs"):
        task(recipe)
    rewritten(recipe, "source: recorded", "source: recorded, noise: {use: gaussian}")
    with pytest.raises(RecipeError, match="is taken as it is"):
        read_recipe(recipe)


def test_simulated_clips_are_read_in_full_precision(recipe):
    """What is simulated with noise inside of a training step of bfloat16; the truth is what is learned."""
    rewritten(
        recipe,
        "  reader: {read: blocksworld, index: null, clips: 2, frames: 6, height: 16, width: 16, samples: 1}",
        "  reader: {read: simulate, operator: {use: temporal_average, frames: 6}, noise: {use: gaussian},\n"
        "    from: {read: blocksworld, index: null, frames: 6, height: 16, width: 16}}",
    )
    made = task(recipe)
    with torch.autocast("cpu", torch.bfloat16):
        assert np.isfinite(float(made.loss(made.network(0), 0, 0, Shard()).detach()))
    assert made.data.clips[np.array([0])].shape == (1, 3, 6, 16, 16)
