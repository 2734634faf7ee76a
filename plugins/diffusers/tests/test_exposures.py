"""CogVideoX that is shown a blurred picture and told when each frame was exposed: its weights, its training."""

import attrs
import numpy as np
import pytest
import torch

import invsolve as iv
from invsolve.cli import main
from invsolve.errors import CapabilityError, ReadError, SpaceError
from invsolve.media import Reader, Recording
from invsolve.training import Shard
from invsolve.training.exposures import ExposureMode, Exposures
from invsolve.video.space import VideoSpace
from invsolve_diffusers.exposures.example import example_of
from invsolve_diffusers.exposures.exposure_file import write_exposures
from invsolve_diffusers.exposures.task import CogVideoXExposures
from invsolve_diffusers.network.exposed_patch_embed import NUMBERS, ExposedPatchEmbed
from invsolve_diffusers.priors.cogvideox import CogVideoX
from invsolve_operators import TemporalAverage
from invsolve_priors import ExposureConditioned
from invsolve_samplers import DDIM

LEVEL = 3


@attrs.frozen
class Clips(Reader):
    """A bar that moves."""

    def read(self, context):
        offset = np.random.default_rng(context.seed).integers(0, 32)
        places = (torch.arange(9)[:, None] * 2 + torch.arange(32) + int(offset)) % 32 < 8
        video = 0.1 + 0.8 * places.float()[None, None, :, None].expand(1, 3, 9, 16, 32)
        space = VideoSpace(9, 16, 32, transfer="linear")
        return Recording(video=video.contiguous(), space=space, name="bar", sha256="0" * 64)


def task(tiny, **changes):
    given = {"reader": Clips(), "validation": Clips(), "clips": 2, "rank": 2, "batch": 1, "checkpointing": False}
    return CogVideoXExposures(path=str(tiny("cogvideox")), **{**given, **changes})


def test_tokens_are_told_their_frame(tiny):
    """``token + P n_t + table`` on the tokens of the video, nothing on those of the text, against a loop by hand."""
    network = task(tiny).network(0)
    embed = network.patch_embed
    assert isinstance(embed, ExposedPatchEmbed)
    generator = torch.Generator().manual_seed(0)
    text, z = torch.randn(2, 6, 16, generator=generator), torch.randn(2, 3, 4, 2, 4, generator=generator)
    numbers = torch.randn(2, 3, NUMBERS, generator=generator)
    told = torch.cat([z, numbers[..., None, None].expand(-1, -1, -1, 2, 4)], dim=2)
    with torch.no_grad():
        found, plain = embed(text, told), embed.inner(text, z)
        for item in range(2):
            assert torch.equal(found[item, :6], plain[item, :6])
            for frame in range(3):
                for patch in range(2):
                    place = 6 + 2 * frame + patch
                    added = embed.projection.weight @ numbers[item, frame] + embed.projection.bias
                    added = added + embed.table[min(frame, 1)]
                    assert torch.allclose(found[item, place], plain[item, place] + added, atol=1e-5)


def test_an_example_by_hand():
    """Two of four frames, exposed to the middle two: mean in light, the last frame repeated, times of the exposures."""
    clips = torch.rand(1, 3, 4, 2, 2, generator=torch.Generator().manual_seed(0))
    intervals = torch.tensor([[[-1.0, -0.5], [0.5, 1.0]]], dtype=torch.float64)
    drawn = Exposures(torch.tensor([[0, 3]]), intervals, torch.tensor([[0.0, 0.5, 0.5, 0.0]]))
    seen = []

    def encode(video):
        seen.append(video)
        return video[:, :, ::4]

    made = example_of(clips, drawn, "gamma:2.0", encode)
    assert torch.equal(seen[0], clips[:, :, [0, 3, 3, 3, 3, 3, 3, 3, 3]])
    assert torch.allclose(seen[1][:, :, 0], ((clips[:, :, 1] ** 2 + clips[:, :, 2] ** 2) / 2) ** 0.5, atol=1e-6)
    assert made.z0.shape[2] == 3
    rows = [[-0.5, 0.5]] * 4, [[-1.0, -0.5]] * 4, [[0.5, 1.0]] * 4, [[0.5, 1.0]] * 4
    omega = 10_000.0 ** (-np.arange(12) / 12)
    for found, row in zip(made.numbers[0], rows, strict=True):
        expected = [f(end * omega) for pair in row for end in pair for f in (np.sin, np.cos)]
        assert np.allclose(found, np.concatenate(expected), atol=1e-6)
    assert float(made.without_picture(torch.ones(1)).picture.abs().max()) == 0


def test_the_numbers_are_those_of_the_prior(tiny):
    wrapped = ExposureConditioned(CogVideoX(path=str(tiny("cogvideox"))), frames_per_latent=4)
    ends = torch.arange(10, dtype=torch.float64) / 9
    intervals = torch.stack([ends[:-1], ends[1:]], 1)[None] - 0.5
    drawn = Exposures(torch.arange(9)[None], intervals, torch.full((1, 9), 1 / 9))
    made = example_of(torch.rand(1, 3, 9, 4, 4), drawn, "linear", lambda video: video[:, :, ::4])
    assert torch.allclose(made.numbers[0], wrapped.numbers(3).float(), atol=1e-6)


@pytest.mark.parametrize("trained", ["lora", "full"])
def test_what_is_trained_learns_is_written_and_read(tiny, tmp_path, trained):
    told = task(tiny, trained=trained, drop=0.0)
    network = told.network(0)
    trainable = [each for each in network.parameters() if each.requires_grad]
    before = float(told.loss(network, 0, 0, Shard()).detach())
    optimiser = torch.optim.AdamW(trainable, lr=3e-3)
    for _ in range(4):
        loss = told.loss(network, 0, 0, Shard())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(told.loss(network, 0, 0, Shard()).detach()) < before
    file = tmp_path / "model.safetensors"
    told.write(network.eval(), file, {"steps": 4})
    prior = ExposureConditioned(CogVideoX(path=str(tiny("cogvideox")), exposure=file), frames_per_latent=4)
    z = torch.randn(1, 4, 3, 2, 4, generator=torch.Generator().manual_seed(1))
    picture = torch.randn(1, 4, 1, 2, 4, generator=torch.Generator().manual_seed(2))
    level = prior.schedule.levels(4)[1]
    example = attrs.evolve(told._shown, picture=picture, numbers=prior.numbers(3)[None].float())
    with torch.no_grad():
        expected = told._predicted(network, z, level, example, 0)
        found = prior.predict(z, level, picture)
        other = prior.predict(z, level, picture + 1)
    assert float((found.z0 - expected.z0).abs().max()) < 1e-4 * float(expected.z0.abs().max())
    assert float((found.z0 - other.z0).abs().max()) > 1e-3


@pytest.mark.slow
def test_a_blurred_picture_is_solved_under_what_was_trained(tiny, tmp_path):
    file = tmp_path / "model.safetensors"
    told = task(tiny)
    told.write(told.network(0), file, {})
    prior = ExposureConditioned(CogVideoX(path=str(tiny("cogvideox")), exposure=file), frames_per_latent=4)
    y = torch.rand(1, 3, 1, 16, 32, generator=torch.Generator().manual_seed(0))
    space = VideoSpace(9, 16, 32)
    problem = iv.Problem(
        TemporalAverage(9, transfer="ignore"),
        y,
        prior,
        noise=iv.GaussianNoise(0.1),
        space=space,
        condition=prior.encode(y),
    )
    solution = iv.solve(problem, DDIM(steps=2), seed=0, samples=1)
    assert solution.video.shape == (1, 1, 3, 9, 16, 32)


def test_what_does_not_fit(tiny, tmp_path):
    z = torch.zeros(1, 4, 4, 2, 4)
    plain = CogVideoX(path=str(tiny("cogvideox")))
    level = plain.schedule.levels(4)[1]
    with pytest.raises(SpaceError, match=r"tokens of a text .* are 16 wide\. Times of exposures.*exposure: FILE"):
        plain.predict(z, level, torch.zeros(1, 4, NUMBERS))
    with pytest.raises(SpaceError, match="tokens of a text"):
        ExposureConditioned(plain, frames_per_latent=4).predict(z[:, :, 1:], level, z[:, :, :1])
    file = tmp_path / "model.safetensors"
    told = task(tiny)
    told.write(told.network(0), file, {})
    with pytest.raises(SpaceError, match=r"when each latent frame was exposed, b t v = \(1, 4, 192\), got none"):
        attrs.evolve(plain, exposure=file).predict(z, level)
    with pytest.raises(CapabilityError, match=r"image-to-video model or CogVideoX 1\.5"):
        CogVideoX(path=str(tiny("cogvideox-1.5")), exposure=file).predict(z, level, torch.zeros(1, 4, NUMBERS))
    with pytest.raises(ReadError, match=r"it is not the file that `task"):
        weights = tiny("cogvideox") / "transformer" / "diffusion_pytorch_model.safetensors"
        attrs.evolve(plain, exposure=weights).predict(z, level, torch.zeros(1, 4, NUMBERS))
    with pytest.raises(ReadError, match="is of another model"):
        other = CogVideoX(path=str(tiny("cogvideox-5b")), exposure=tmp_path / "whole.safetensors")
        full = task(tiny, trained="full")
        network = full.network(0)
        network.patch_embed.projection = torch.nn.Linear(NUMBERS, 7)
        write_exposures(network, tmp_path / "whole.safetensors", {})
        other.predict(z, level, torch.zeros(1, 4, NUMBERS))


def test_clips_that_do_not_fit(tiny):
    many = task(tiny, modes=(ExposureMode(frames=(10, 16)),))
    with pytest.raises(SpaceError, match="clips of 9 frames are too short: a mode of `modes` needs 10"):
        many.loss(many.network(0), 0, 0, Shard())


RECIPE = """
recipe: 1
task:
  use: cogvideox_exposures
  path: {path}
  reader: {{read: sample, name: clock, channels: rgb, size: 16x32}}
  validation: {{read: sample, name: clock, channels: rgb, size: 16x32}}
  clips: 1
  modes: [{{frames: [1, 1]}}]
  rank: 2
  batch: 2
course: {{steps: 2, measure_every: 1, sheet_every: 2, precision: float32}}
optimisation: {{rate: 1e-4, warmup: 1}}
"""


@pytest.mark.slow
def test_the_command(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exposures.yaml").write_text(RECIPE.format(path=tiny("cogvideox")), encoding="utf-8")
    assert main(["train", "exposures.yaml"]) == 0
    (file,) = (tmp_path / "runs").rglob("model.safetensors")
    prior = CogVideoX(path=str(tiny("cogvideox")), exposure=file)
    found = prior.predict(torch.zeros(1, 4, 4, 2, 4), prior.schedule.levels(2)[1], torch.zeros(1, 4, NUMBERS))
    assert bool(torch.isfinite(found.z0).all())
