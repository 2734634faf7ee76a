"""`memory: auto` picks the fastest placement that fits, and says what would help where none does."""

import pytest
import torch

from invsolve.errors import CapabilityError
from invsolve.video.space import VideoSpace
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.memory import policy as memory
from invsolve_diffusers.memory.available import available_bytes
from invsolve_diffusers.memory.estimate import Estimate, Estimator
from invsolve_diffusers.memory.policy import LADDER, advice, choose, pick, with_precisions
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.priors.diffusers import Diffusers

CPU, GPU = torch.device("cpu"), torch.device("cuda")
BATCH = 2


@pytest.fixture(scope="module")
def estimator(tiny):
    path = str(tiny("cogvideox"))
    shape = Diffusers(path).latent_shape(VideoSpace(frames=9, height=32, width=32))
    return Estimator(Checkpoint(path), (BATCH, *shape), CPU)


@pytest.fixture(scope="module")
def rungs(estimator):
    """The peak of every rung of the ladder."""
    denoiser = {rung: estimator.part("denoiser", Placement().filled(rung, "none")) for rung in (False, True)}
    decoder = {rung: estimator.part("decoder", Placement().filled(False, rung)) for rung in ("none", "chunk", "inner")}
    return [
        (rung, Estimate(denoiser[rung[0]], decoder[rung[1]], estimator.state_bytes, CPU).peak_bytes) for rung in LADDER
    ]


@pytest.mark.parametrize("number", [0, 2])
def test_the_fastest_that_fits_is_picked(number, estimator, rungs):
    room = rungs[number][1]
    choice = pick(estimator, Placement(), lambda _: room)
    wanted = next(rung for rung, peak in rungs if peak <= room)
    assert choice.fits
    assert (choice.placement.denoiser_checkpointing, choice.placement.decoder_checkpointing) == wanted
    assert choice.estimate.peak_bytes <= room


def test_the_ladder_leads_down(rungs):
    peaks = [peak for _, peak in rungs]
    assert peaks[0] == max(peaks)
    assert peaks[-1] == min(peaks)
    assert peaks[-1] < 0.75 * peaks[0]


def test_what_the_placement_names_stays(estimator):
    written = Placement(decoder_checkpointing="chunk", decoder_dtype="float64", decoder_frames=3)
    choice = pick(estimator, written, lambda _: 10**12)
    assert choice.placement == written.filled(False, "none")
    assert choice.placement.decoder_checkpointing == "chunk"


def test_weights_are_bfloat16_on_a_gpu_for_float32_latents_only():
    assert with_precisions(Placement(), GPU, torch.float32).denoiser_dtype == "bfloat16"
    assert with_precisions(Placement(), GPU, torch.float64).denoiser_dtype is None
    assert with_precisions(Placement(), CPU, torch.float32).denoiser_dtype is None
    assert with_precisions(Placement(decoder_dtype="float16"), GPU, torch.float32).decoder_dtype == "float16"
    mixed = with_precisions(Placement(decoder_device="cpu"), GPU, torch.float32)
    assert (mixed.denoiser_dtype, mixed.decoder_dtype) == ("bfloat16", None)


def test_where_nothing_fits_the_message_says_what_would_help(estimator, monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda _: 10**6)
    with pytest.raises(CapabilityError) as caught:
        choose(estimator.checkpoint, estimator.latent, CPU, torch.float32, Placement())
    said = str(caught.value)
    assert "GiB on cpu with every checkpoint there is, and 0.0 GiB are free there" in said
    assert "`chunk: 1`; now 2" in said
    assert "decoder_device: cuda:1" in said
    assert "denoiser_dtype: bfloat16" in said
    assert "memory: given" in said


def test_the_message_counts_the_pixels_that_would_fit(estimator, rungs):
    choice = pick(estimator, Placement(), lambda _: 0)
    assert not choice.fits
    weights = choice.estimate.denoiser.weights_bytes + choice.estimate.decoder.weights_bytes
    room = weights + (rungs[-1][1] - weights) // 2
    assert "about 50% of the 32 x 32 pixels" in advice(estimator, choice, lambda _: room)


def test_small_models_are_chosen_for_without_an_estimate(estimator, monkeypatch):
    monkeypatch.setattr(memory, "pick", None)
    monkeypatch.setattr(memory, "available_bytes", lambda _: 10**12)
    chosen = choose(estimator.checkpoint, estimator.latent, CPU, torch.float32, Placement())
    assert (chosen.denoiser_checkpointing, chosen.decoder_checkpointing) == LADDER[0]


def test_a_prior_chooses_once_for_each_latent_shape_and_only_for_gradients(tiny, monkeypatch):
    prior = Diffusers(str(tiny("cogvideox")))
    shape = prior.latent_shape(VideoSpace(frames=9, height=32, width=32))
    asked = []

    def counted(checkpoint, latent, device, dtype, placement):
        asked.append(latent)
        return placement.filled(True, "chunk")

    monkeypatch.setattr("invsolve_diffusers.priors.model.choose", counted)
    level = prior.schedule.levels(2, "trailing")[0]
    with torch.no_grad():
        prior.predict(torch.zeros(1, *shape), level)
    assert asked == []
    for batch in (1, 2, 1):
        z = torch.zeros(batch, *shape).requires_grad_()
        prior.decode(prior.predict(z, level).z0)
    assert asked == [(1, *shape), (2, *shape)]


def test_a_prior_that_takes_its_placement_as_given_never_asks(tiny, monkeypatch):
    prior = Diffusers(str(tiny("cogvideox")), memory="given")
    monkeypatch.setattr("invsolve_diffusers.priors.model.choose", None)
    shape = prior.latent_shape(VideoSpace(frames=9, height=32, width=32))
    prior.decode(torch.zeros(1, *shape).requires_grad_())


def test_this_machine_has_memory():
    assert 0 < available_bytes(CPU) < 2**50
