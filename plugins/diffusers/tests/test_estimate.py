"""The estimate against what tiny models really allocate, and against counts of the published architectures."""

import json

import pytest
import torch

from invsolve.cli import main
from invsolve.errors import CapabilityError
from invsolve.video.space import VideoSpace
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.memory.estimate import Estimator
from invsolve_diffusers.memory.meter import FlashAttention, LiveBytes
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.priors.diffusers import Diffusers

GIB = 2**30
CPU = torch.device("cpu")
HALF = Placement(denoiser_dtype="bfloat16", decoder_dtype="bfloat16")
PLAIN = Placement(denoiser_checkpointing=False, decoder_checkpointing="none")
CHUNK = Placement(denoiser_checkpointing=True, decoder_checkpointing="chunk")
INNER = Placement(denoiser_checkpointing=True, decoder_checkpointing="inner")


def estimator(path, frames, height, width, device="cpu", batch=1):
    shape = Diffusers(str(path)).latent_shape(VideoSpace(frames=frames, height=height, width=width))
    return Estimator(Checkpoint(str(path)), (batch, *shape), torch.device(device))


def guided_step(path, latent, placement):
    """One guided step, as a function of nothing; its weights are loaded."""
    prior = Diffusers(str(path), placement=placement, memory="given")
    level = prior.schedule.levels(2, "trailing")[0]

    def step():
        z = torch.zeros(latent).requires_grad_()
        video = prior.decode(prior.predict(z, level).z0)
        torch.autograd.grad(video, z, torch.ones_like(video))

    step()
    return step


@pytest.mark.parametrize(
    ("name", "frames", "placement"),
    [
        ("cogvideox", 9, PLAIN),
        ("unet3d", 2, INNER),
        ("hunyuan", 5, CHUNK),
        pytest.param("cogvideox", 17, CHUNK, marks=pytest.mark.slow),
        pytest.param("cogvideox", 9, INNER, marks=pytest.mark.slow),
        pytest.param("unet3d", 2, PLAIN, marks=pytest.mark.slow),
        pytest.param("wan", 5, INNER, marks=pytest.mark.slow),
        pytest.param("ltx", 9, PLAIN, marks=pytest.mark.slow),
        pytest.param("latte", 4, INNER, marks=pytest.mark.slow),
    ],
)
def test_the_estimate_is_what_a_tiny_model_allocates(name, frames, placement, tiny, peak_allocated):
    """Within 25 %, by the allocator's own record of a guided step."""
    found = estimator(tiny(name), frames, 32, 32)
    estimate = found.estimate(placement)
    beside = estimate.state_bytes + estimate.denoiser.weights_bytes + estimate.decoder.weights_bytes
    measured = peak_allocated(guided_step(tiny(name), found.latent, placement))
    assert estimate.peak_bytes - beside == pytest.approx(measured, rel=0.25)


def test_two_parts_make_one_step(tiny):
    """The parts put together against one count of both, on meta tensors."""
    found = estimator(tiny("cogvideox"), 9, 32, 32)
    estimate = found.estimate(CHUNK)
    step = guided_step(tiny("cogvideox"), found.latent, CHUNK)
    with FlashAttention(), LiveBytes("cpu") as live:
        step()
    beside = estimate.state_bytes + estimate.denoiser.weights_bytes + estimate.decoder.weights_bytes
    assert estimate.peak_bytes - beside == pytest.approx(live.peak, rel=0.05)


def test_weights_are_counted(tiny):
    loaded = Checkpoint(str(tiny("unet3d")))
    part = estimator(tiny("unet3d"), 4, 32, 32).part("denoiser", PLAIN)
    modules = loaded.load("denoiser", torch.float32, CPU)
    assert part.parameters == sum(each.numel() for each in modules.parameters())
    assert part.weights_bytes == 4 * part.parameters + sum(4 * each.numel() for each in modules.buffers())


def test_memory_grows_with_the_batch_and_with_guidance(tiny):
    one, three = (estimator(tiny("cogvideox"), 9, 32, 32, batch=batch) for batch in (1, 3))
    assert three.part("decoder", PLAIN).retained_bytes == pytest.approx(
        3 * one.part("decoder", PLAIN).retained_bytes, rel=0.02
    )
    guided = Estimator(one.checkpoint, one.latent, CPU, calls=2)
    ratio = guided.part("denoiser", PLAIN).retained_bytes / one.part("denoiser", PLAIN).retained_bytes
    assert 1.8 < ratio < 2.1


def test_parts_on_two_devices_are_counted_apart(tiny):
    apart = Placement(denoiser_device="cuda:0", decoder_device="cuda:1", decoder_checkpointing="none")
    estimate = estimator(tiny("cogvideox"), 9, 32, 32, device="cuda:0").estimate(apart)
    assert set(estimate.by_device) == {"cuda:0", "cuda:1"}
    assert estimate.by_device["cuda:1"] == estimate.decoder.peak_bytes
    assert estimate.by_device["cuda:0"] == estimate.denoiser.peak_bytes + estimate.state_bytes


def test_published_cogvideox_at_17_frames_of_256_pixels():
    """The architecture alone, without a file; numbers by another count, of saved tensors."""
    found = estimator("THUDM/CogVideoX-2b", 17, 256, 256, device="cuda")
    assert found.plain_bytes("decoder", HALF) / GIB == pytest.approx(22.3, abs=0.1)
    assert found.plain_bytes("denoiser", HALF) / GIB == pytest.approx(2.0, abs=0.05)
    decoder = found.part("decoder", Placement(decoder_dtype="bfloat16", decoder_checkpointing="chunk"))
    assert decoder.parameters == 215_583_907
    assert decoder.retained_bytes / GIB == pytest.approx(0.50, abs=0.03)


@pytest.mark.slow
def test_published_cogvideox_at_49_frames_of_480_x_720():
    found = estimator("THUDM/CogVideoX-2b", 49, 480, 720, device="cuda")
    assert found.plain_bytes("decoder", HALF) / GIB == pytest.approx(338.9, abs=0.5)
    assert found.plain_bytes("denoiser", HALF) / GIB == pytest.approx(23.3, abs=0.2)
    estimate = found.estimate(HALF.filled(True, "inner"))
    assert estimate.decoder.retained_bytes <= 14 * GIB
    assert estimate.denoiser.retained_bytes / GIB == pytest.approx(2.0, abs=0.1)
    assert estimate.peak_bytes <= 50 * GIB


def test_a_network_that_does_not_run_on_meta_tensors_is_named(tiny):
    found = estimator(tiny("mochi"), 7, 32, 32)
    with pytest.raises(CapabilityError, match=r"Mochi 1 cannot be estimated.*memory: given"):
        found.part("denoiser", PLAIN)


RECIPE = """
recipe: 1
input: {{read: sample, name: clock, channels: rgb, size: 32x32}}
operator: {{use: temporal_average, frames: 9, transfer: ignore}}
prior: {{use: cogvideox, path: {path}}}
sampler: {{use: dps, steps: 2}}
samples: 3
chunk: 2
"""


@pytest.fixture
def recipe(tiny, tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE.format(path=tiny("cogvideox")), encoding="utf-8")
    return str(path)


def test_the_command_prints_the_parts_as_json(recipe, capsys):
    assert main(["estimate", recipe, "--card", "rtx-4090", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["latent"] == [2, 4, 3, 4, 4]
    assert facts["fits"]
    assert facts["advice"] is None
    assert facts["placement"]["decoder_checkpointing"] == "none"
    assert facts["placement"]["denoiser_dtype"] == "bfloat16"
    for part in ("denoiser", "decoder"):
        assert 0 < facts["parts"][part]["retained_bytes"] <= facts["parts"][part]["peak_bytes"] < facts["peak_bytes"]
    assert facts["seconds_per_step"] == pytest.approx(facts["operations_per_step"] / (0.4 * 165e12))


def test_the_command_prints_a_table(recipe, capsys):
    assert main(["estimate", recipe, "--set", "prior.memory=given", "--set", "device=cpu"]) == 0
    said = capsys.readouterr().out
    assert "float32 on cpu, checkpoints: chunk" in said
    assert "fits a card of 80 GB (a100)" in said


def test_the_command_refuses_other_priors_and_cards(recipe, capsys):
    assert main(["estimate", recipe, "--set", "prior={use: spectral_gaussian}"]) == 2
    assert "the prior is SpectralGaussian; `invsolve estimate` knows cogvideox" in capsys.readouterr().err
    assert main(["estimate", recipe, "--card", "rtx-4080"]) == 2
    assert "there is no card 'rtx-4080'. Did you mean 'rtx-4090'?" in capsys.readouterr().err
