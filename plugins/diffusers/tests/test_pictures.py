"""Models of pictures: stills directly, videos frame by frame, and what is said where they do not fit."""

import json
import shutil

import pytest
import torch

import invsolve as iv
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.video.space import VideoSpace
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.memory.estimate import Estimator
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_operators import TemporalAverage
from invsolve_priors import FrameWise
from invsolve_samplers import BatchConsistent


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}), encoding="utf-8")


def test_a_video_is_solved_frame_by_frame(tiny):
    prior = FrameWise(Diffusers(str(tiny("ddpm"))))
    space = VideoSpace(3, 8, 8)
    y = torch.rand(1, 3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    problem = iv.Problem(TemporalAverage(3, transfer="ignore"), y, prior, noise=iv.GaussianNoise(0.1), space=space)
    solution = iv.solve(problem, BatchConsistent(steps=2), seed=0, samples=1)
    assert solution.video.shape == (1, 1, 3, 3, 8, 8)
    assert bool(torch.isfinite(solution.video).all())


def test_a_video_for_a_model_of_pictures(prior):
    with pytest.raises(SpaceError, match=r"models pictures, got 4 frames.*use: frame_wise.*batch_consistent"):
        prior("ddpm").latent_shape(VideoSpace(4, 8, 8))


def test_sizes_and_colours(prior):
    assert prior("latent_diffusion").latent_shape(VideoSpace(1, 16, 24)) == (3, 1, 4, 6)
    with pytest.raises(SpaceError, match="multiple of 8 pixels, got 12"):
        prior("latent_diffusion").latent_shape(VideoSpace(1, 12, 16))
    with pytest.raises(SpaceError, match="positions end at 128 pixels a side"):
        prior("stable_diffusion_3").latent_shape(VideoSpace(1, 144, 16))


def test_grey_pictures(tmp_path):
    import diffusers

    from invsolve_diffusers.architectures.unet2d import UNET2D

    diffusers.UNet2DModel(**{**UNET2D, "in_channels": 1, "out_channels": 1}).save_pretrained(tmp_path / "unet")
    diffusers.DDPMScheduler().save_pretrained(tmp_path / "scheduler")
    prior = Diffusers(str(tmp_path))
    assert prior.latent_shape(VideoSpace(1, 8, 8, channels=1)) == (1, 1, 8, 8)
    with pytest.raises(SpaceError, match="models videos of 1 channels, got 3"):
        prior.latent_shape(VideoSpace(1, 8, 8))


def test_files_side_by_side_without_folders(tiny, tmp_path):
    """As the first published models of pixels are laid out."""
    given = tiny("ddpm")
    for path in (*(given / "unet").iterdir(), *(given / "scheduler").iterdir()):
        shutil.copy(path, tmp_path / path.name)
    z, both = torch.randn(1, 3, 1, 8, 8), []
    for folder in (given, tmp_path):
        prior = Diffusers(str(folder))
        with torch.no_grad():
            both.append(prior.predict(z, prior.schedule.levels(4)[1]).z0)
    assert torch.equal(*both)


def test_the_class_of_a_picture(tiny):
    folder = str(tiny("consistency-classes"))
    for prompt in ("", "1000", "a dog"):
        with pytest.raises(ComponentError, match=r"models pictures of 1000 classes: .*`prompt: '0'` to `'999'`"):
            assert Diffusers(folder, prompt=prompt).model.text
    z = torch.randn(1, 3, 1, 8, 8)
    said = []
    for prompt in ("3", "4"):
        prior = Diffusers(folder, prompt=prompt)
        with torch.no_grad():
            said.append(prior.predict(z, prior.schedule.levels(4)[0]).z0)
    assert not torch.allclose(*said)


def test_a_text_for_a_model_without_one(tiny):
    with pytest.raises(CapabilityError, match="takes no text, got the prompt 'a dog'; leave it out"):
        assert Diffusers(str(tiny("ddpm")), prompt="a dog").model.text
    prior = Diffusers(str(tiny("ddpm")))
    with pytest.raises(CapabilityError, match="takes no text; leave the condition out"):
        prior.predict(torch.zeros(1, 3, 1, 8, 8), prior.schedule.levels(1)[0], torch.zeros(1, 5, 16))


@pytest.mark.parametrize(
    ("name", "changed", "match"),
    [
        ("stable_diffusion", {"in_channels": 9}, "takes 9 channels for latents of 4: an inpainting"),
        ("stable_diffusion", {"encoder_hid_dim_type": "image_proj"}, "wants more than a text .encoder_hid_dim_type"),
        ("flux", {"in_channels": 24}, "takes 24 channels for tokens of 16"),
        ("ddpm", {"in_channels": 6}, "takes 6 channels and gives 3"),
    ],
)
def test_other_variants(copied, name, changed, match):
    folder = copied(name)
    change(folder / Checkpoint(str(folder)).family.denoiser_folder / "config.json", **changed)
    with pytest.raises(CapabilityError, match=match):
        assert Diffusers(str(folder)).schedule


def test_weights_of_one_variant_alone(copied):
    """As many checkpoints are kept: ``*.fp16.safetensors`` and nothing else."""
    folder = copied("ddpm")
    before = Checkpoint(str(folder)).load("denoiser", torch.float32, torch.device("cpu")).state_dict()
    plain = folder / "unet" / "diffusion_pytorch_model.safetensors"
    plain.rename(plain.with_name("diffusion_pytorch_model.fp16.safetensors"))
    after = Checkpoint(str(folder)).load("denoiser", torch.float32, torch.device("cpu")).state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    shutil.copy(plain.with_name("diffusion_pytorch_model.fp16.safetensors"), plain.with_name("a.bf16.safetensors"))
    with pytest.raises(ReadError, match=r"variants bf16, fp16 and none without one; keep the files of one"):
        Checkpoint(str(folder)).load("denoiser", torch.float32, torch.device("cpu"))


def test_the_gain_of_a_decoder_with_norms(tiny):
    """At the latent 0 the norms of this decoder divide by nothing: a gain of millions, and guidance is off."""
    prior = Diffusers(str(tiny("hunyuan")))
    y = torch.zeros(1, 3, 9, 16, 32)
    gain = iv.Problem(iv.Identity(), y, prior).decoder_gain
    assert 0.05 < gain < 2.0


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", 859_520_964),
        pytest.param("stabilityai/stable-diffusion-2-1-base", 865_910_724, marks=pytest.mark.slow),
        pytest.param("stabilityai/stable-diffusion-xl-base-1.0", 2_567_463_684, marks=pytest.mark.slow),
        pytest.param("black-forest-labs/FLUX.1-dev", 11_901_408_320, marks=pytest.mark.slow),
    ],
)
def test_published_architectures_have_as_many_parameters_as_their_authors_say(name, parameters):
    network = Checkpoint(name).build("denoiser", torch.bfloat16)
    assert sum(each.numel() for each in network.parameters()) == parameters


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ddpm", "latent_diffusion", "stable_diffusion_xl", "stable_diffusion_3", "flux"])
def test_memory_is_estimated(tiny, name):
    checkpoint = Checkpoint(str(tiny(name)))
    c, t, h, w = Diffusers(str(tiny(name))).latent_shape(VideoSpace(1, 32, 32))
    found = Estimator(checkpoint, (1, c, t, h, w), torch.device("cpu")).estimate(
        Placement(denoiser_checkpointing=False, decoder_checkpointing="none")
    )
    assert 0 < found.denoiser.retained_bytes <= found.peak_bytes
    assert found.denoiser.parameters > 1000
