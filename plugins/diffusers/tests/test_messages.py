"""What is wrong with a checkpoint or a clip is said with the place and what to do."""

import json
import shutil

import huggingface_hub
import pytest
import torch
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import load_file, save_file

from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError, WriteError
from invsolve.video.space import VideoSpace
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.priors.cogvideox import CogVideoX
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.priors.unet3d import UNet3D
from invsolve_diffusers.tiny.factory import write_tiny

WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def copy(tiny, tmp_path):
    """A tiny CogVideoX that a test may spoil."""
    return shutil.copytree(tiny("cogvideox"), tmp_path / "model")


def predict(path):
    prior = Diffusers(str(path))
    return prior.predict(torch.zeros(1, *prior.latent_shape(VideoSpace(9, 16, 32))), prior.schedule.levels(2)[0])


def refused(error, said, path):
    with pytest.raises(error, match=said):
        predict(path)


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (VideoSpace(10, 16, 32), r"clips of 8k \+ 1 frames, got 10 .* Nearest: 9 or 17 frames"),
        (VideoSpace(16, 16, 32), "Nearest: 9 or 17 frames"),
        (VideoSpace(9, 24, 32), "a height that is a multiple of 16 pixels, got 24 .* Nearest: 16 or 32"),
        (VideoSpace(9, 16, 8), "a width that is a multiple of 16 pixels, got 8 .* Nearest: 16"),
        (VideoSpace(9, 16, 32, channels=1), "3 channels, got 1"),
    ],
)
def test_clips_of_other_sizes(prior, space, said):
    with pytest.raises(SpaceError, match=said):
        prior("cogvideox").latent_shape(space)


def test_learned_positions_have_one_size(prior):
    with pytest.raises(SpaceError, match=r"for 16 x 32 pixels .height x width. only"):
        prior("cogvideox-5b-i2v").latent_shape(VideoSpace(9, 32, 32))


def test_a_grid_that_ends(prior):
    with pytest.raises(SpaceError, match="its positions end at 64 x 64 pixels"):
        prior("cogvideox-1.5").latent_shape(VideoSpace(9, 16, 80))


@pytest.mark.parametrize(
    ("rule", "frames", "nearest"),
    [
        (FrameRule(8, 1, 4), 10, (9, 17)),
        (FrameRule(4, 1, 4), 3, (1, 5)),
        (FrameRule(step=16, most=16), 3, (16,)),
        (FrameRule(most=32), 40, (32,)),
    ],
)
def test_nearest_lengths(rule, frames, nearest):
    assert not rule.allows(frames)
    assert rule.nearest(frames) == nearest


def test_no_such_folder(tmp_path):
    refused(ReadError, "there is no folder .*nowhere, and it is not a name on the hub", tmp_path / "nowhere")


def test_a_file_instead_of_a_folder(copy):
    refused(ReadError, "is a file; give the folder that holds model_index.json", copy / "model_index.json")


def test_the_wrong_folder(copy):
    refused(ReadError, r"is not a diffusers checkpoint: .* and holds config.json, .*Give the folder", copy / "vae")


def test_a_missing_subfolder(copy):
    shutil.rmtree(copy / "vae")
    refused(ReadError, "has no folder 'vae'; it holds embeddings, model_index.json, scheduler, transformer", copy)


def test_a_missing_denoiser(copy):
    shutil.rmtree(copy / "transformer")
    refused(ReadError, "lists a transformer in its model_index.json, but transformer/config.json is not there", copy)


def test_truncated_weights(copy):
    whole = (copy / WEIGHTS).read_bytes()
    (copy / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    refused(ReadError, "model.safetensors is cut short or damaged .* copy or download it again", copy)


def test_pickled_weights(copy):
    (copy / WEIGHTS).rename(copy / "transformer" / "diffusion_pytorch_model.bin")
    refused(ReadError, "model.bin: pickled weights run code when they are read, so they are refused. Get the", copy)


def test_no_weights(copy):
    (copy / WEIGHTS).unlink()
    refused(ReadError, "holds no .safetensors file", copy)


def test_a_missing_shard(copy):
    index = {"weight_map": {"a": "one-of-2.safetensors", "b": "two-of-2.safetensors"}}
    (copy / "transformer" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    refused(ReadError, "lacks one-of-2.safetensors, two-of-2.safetensors, of 2 files", copy)


def test_weights_of_another_model(copy):
    weights = load_file(copy / WEIGHTS)
    weights.pop("proj_out.weight")
    save_file(weights, copy / WEIGHTS, {"format": "pt"})
    refused(ReadError, "lack 1 of the parameters .* the first 'proj_out.weight'", copy)


def test_weights_of_another_size(copy):
    weights = load_file(copy / WEIGHTS)
    weights["proj_out.weight"] = torch.zeros(3, 3)
    save_file(weights, copy / WEIGHTS, {"format": "pt"})
    refused(ReadError, "could not be loaded as a CogVideoXTransformer3DModel: .*proj_out.weight", copy)


def test_a_damaged_config(copy):
    (copy / "vae" / "config.json").write_text("{")
    refused(ReadError, "config.json is not readable JSON", copy)


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_stable_video_diffusion(copy):
    change(copy / "transformer" / "config.json", _class_name="UNetSpatioTemporalConditionModel")
    refused(CapabilityError, "animates one given picture.*Supported: cogvideox .CogVideoX 2B", copy)


def test_another_model(copy):
    change(copy / "transformer" / "config.json", _class_name="LuminaNextDiT2DModel")
    refused(CapabilityError, "holds a LuminaNextDiT2DModel: that class is not known. Supported: cogvideox", copy)


def test_another_autoencoder(copy):
    change(copy / "vae" / "config.json", _class_name="AutoencoderKLWan")
    refused(
        CapabilityError, "with the autoencoder AutoencoderKLWan, expected the autoencoder AutoencoderKLCogVideoX", copy
    )


def test_the_wrong_prior(tiny):
    with pytest.raises(
        CapabilityError, match=r"a checkpoint of ModelScope.*, not of cogvideox; write `use: diffusers`"
    ):
        CogVideoX(path=str(tiny("unet3d"))).latent_shape(VideoSpace(9, 16, 32))
    with pytest.raises(CapabilityError, match="not of unet3d"):
        UNet3D(path=str(tiny("cogvideox"))).latent_shape(VideoSpace(9, 16, 32))


def test_a_shift_for_a_model_that_is_no_flow(tiny):
    with pytest.raises(CapabilityError, match="moves the times of rectified flow models; this model is not one"):
        assert Diffusers(str(tiny("cogvideox")), shift=3.0).schedule


def test_a_picture_for_a_model_that_takes_none(prior):
    model = prior("cogvideox")
    with pytest.raises(CapabilityError, match="takes no picture"):
        model.predict(torch.zeros(1, 4, 3, 2, 4), model.schedule.levels(2)[0], torch.zeros(1, 3, 1, 16, 32))


def test_a_picture_of_another_size(prior):
    model = prior("cogvideox-5b-i2v")
    with pytest.raises(SpaceError, match=r"expected one frame of the clip's size, b \(3, 1, 16, 32\)"):
        model.predict(torch.zeros(1, 4, 3, 2, 4), model.schedule.levels(2)[0], torch.zeros(1, 3, 1, 16, 16))


def test_a_condition_of_another_kind(prior):
    model, z = prior("cogvideox"), torch.zeros(1, 4, 3, 2, 4)
    with pytest.raises(SpaceError, match=r"shape \(1, 7\); it must be tokens of a text, b l d, or a picture"):
        model.predict(z, model.schedule.levels(2)[0], torch.zeros(1, 7))
    with pytest.raises(SpaceError, match="takes exactly 6 tokens of text, padded, got 5"):
        model.predict(z, model.schedule.levels(2)[0], torch.zeros(1, 5, 16))


def test_a_name_on_the_hub_without_a_network(monkeypatch):
    def offline(*_, **__):
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    prior = CogVideoX(path="THUDM/CogVideoX-2b")
    assert prior.latent_shape(VideoSpace(49, 480, 720)) == (16, 13, 60, 90)
    with pytest.raises(ReadError, match="hf download THUDM/CogVideoX-2b --local-dir DIR"):
        prior.encode(torch.zeros(1, 3, 9, 16, 16))
    with pytest.raises(ReadError, match=r"could not be downloaded .no network."):
        Diffusers("someone/something").latent_shape(VideoSpace(9, 16, 16))


def test_tiny_checkpoints_overwrite_nothing(tmp_path):
    (tmp_path / "kept").write_text("")
    with pytest.raises(WriteError, match="exists already"):
        write_tiny("unet3d", tmp_path)
    with pytest.raises(ComponentError, match=r"no tiny 'unet'\. Did you mean 'unet3d'"):
        write_tiny("unet", tmp_path / "new")
