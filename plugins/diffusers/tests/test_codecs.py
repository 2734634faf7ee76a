"""Decoding and encoding are the autoencoders' own, to the bit; conditioning is that of the pipelines."""

import pytest
import torch

from invsolve.errors import CapabilityError
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.families.ltx import LTXVideo
from invsolve_diffusers.network.call import Call
from invsolve_diffusers.network.embedding import Embedding
from invsolve_diffusers.network.placement import Placement
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.text.embeddings import load_embedding
from invsolve_diffusers.tiny.known import tiny_architectures

CPU = torch.device("cpu")


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def autoencoder(folder):
    return Checkpoint(str(folder)).load("decoder", torch.float32, CPU)


def test_cogvideox_decodes_like_its_autoencoder(tiny, prior):
    vae, z = autoencoder(tiny("cogvideox")), normal(1, 4, 5, 2, 4)
    with torch.no_grad():
        expected = (vae.decode(z / vae.config.scaling_factor).sample + 1) / 2
        assert torch.equal(prior("cogvideox", decoder_checkpointing="inner").decode(z), expected)


def test_cogvideox_encodes_like_its_autoencoder(tiny, prior):
    vae, video = autoencoder(tiny("cogvideox")), torch.rand(1, 3, 17, 16, 32)
    with torch.no_grad():
        expected = vae.encode(2 * video - 1).latent_dist.mode() * vae.config.scaling_factor
        assert torch.equal(prior("cogvideox").encode(video), expected)


def test_wan_decodes_like_its_autoencoder_before_the_clamp(tiny, prior):
    vae, z = autoencoder(tiny("wan")), normal(1, 16, 3, 2, 2)
    mean, std = (
        torch.tensor(values).reshape(-1, 1, 1, 1) for values in (vae.config.latents_mean, vae.config.latents_std)
    )
    with torch.no_grad():
        expected = vae.decode(z * std + mean).sample
        found = 2 * prior("wan").decode(z) - 1
    assert float((found.clamp(-1, 1) - expected).abs().max()) < 1e-5


def test_pictures_decode_frame_by_frame(tiny, prior):
    vae, z = autoencoder(tiny("unet3d")), normal(2, 4, 3, 2, 2)
    with torch.no_grad():
        expected = torch.stack([vae.decode(z[:, :, t] / vae.config.scaling_factor).sample for t in range(3)], dim=2)
        found = prior("unet3d", decoder_checkpointing="chunk", decoder_frames=2).decode(z)
    assert float((2 * found - 1 - expected).abs().max()) < 1e-5


def test_hunyuan_does_not_blend_runs_of_frames(tiny, prior):
    """Its autoencoder blends overlapping runs of frames from 17 frames on; the prior has the decoder's own function."""
    vae, z = autoencoder(tiny("hunyuan")), normal(1, 4, 6, 2, 2)
    with torch.no_grad():
        blended = vae.decode(z / vae.config.scaling_factor).sample
        vae.use_framewise_decoding = False
        exact = vae.decode(z / vae.config.scaling_factor).sample
        found = 2 * prior("hunyuan").decode(z) - 1
    assert float((found - exact).abs().max()) < 1e-5
    assert float((blended - exact).abs().max()) > 1e-3


def test_ltx_decoders_that_inject_noise_decode_the_same_twice():
    from diffusers import AutoencoderKLLTXVideo

    arguments = {
        **tiny_architectures()["ltx"][1].decoder,
        "timestep_conditioning": True,
        "decoder_inject_noise": (True,) * 5,
    }
    vae, codec = AutoencoderKLLTXVideo(**arguments).eval(), LTXVideo().codec
    for parameter in vae.parameters():
        if not bool(parameter.any()):
            torch.nn.init.constant_(parameter, 0.1)  # the scales of the noise among them
    codec.prepare(vae, Placement())
    z = normal(1, 8, 2, 1, 2)
    with torch.no_grad():
        assert torch.equal(codec.decode(vae, z, Placement()), codec.decode(vae, z, Placement()))


def test_cogvideox_table_of_positions_for_another_size(tiny, prior):
    """The table that is kept for a size is the one that the network would make at every call."""
    network = Checkpoint(str(tiny("cogvideox"))).load("denoiser", torch.float32, CPU)
    model, z = prior("cogvideox"), normal(1, 4, 5, 4, 6)
    level = model.schedule.levels(4)[1]
    text = load_embedding(Checkpoint(str(tiny("cogvideox"))), "").tokens
    with torch.no_grad():
        v = network(z.transpose(1, 2), text, torch.tensor([int(level.time)]), return_dict=False)[0].transpose(1, 2)
        assert torch.allclose(model.predict(z, level).z0, level.a * z - level.s * v, atol=1e-6)
        small = normal(1, 4, 3, 2, 4)
        model.predict(small, level)
        assert torch.allclose(model.predict(z, level).z0, level.a * z - level.s * v, atol=1e-6)


@pytest.mark.parametrize("name", ["cogvideox-5b-i2v", "cogvideox-1.5-i2v"])
def test_image_to_video_puts_the_first_frame_beside_the_latent(tiny, prior, name):
    """As `CogVideoXImageToVideoPipeline` does: scaled (1.5: divided by the factor), then zeros; 1.5 repeats it."""
    folder, model = tiny(name), prior(name)
    network = Checkpoint(str(folder)).load("denoiser", torch.float32, CPU)
    vae, picture = autoencoder(folder), torch.rand(1, 3, 1, 16, 32)
    paired = "1.5" in name
    z = normal(1, 4, 4 if paired else 3, 2, 4)
    level = model.schedule.levels(4)[1]
    text = load_embedding(Checkpoint(str(folder)), "").tokens
    factor = vae.config.scaling_factor
    with torch.no_grad():
        first = vae.encode(2 * picture - 1).latent_dist.mode()
        first = first / factor if paired else first * factor
        frames = [first, first] if paired else [first]
        beside = torch.cat([*frames, torch.zeros(1, 4, 2, 2, 4)], dim=2)
        arguments = model.model.family.arguments
        given = arguments(Call(model.model.configs, z, Embedding(tokens=text)))
        v = network(
            torch.cat([z, beside], dim=1).transpose(1, 2),
            timestep=torch.tensor([int(level.time)]),
            return_dict=False,
            **given,
        )[0].transpose(1, 2)
        expected = level.a * z - level.s * v
        assert torch.allclose(model.predict(z, level, picture).z0, expected, atol=1e-5)
        without = model.predict(z, level).z0
    assert not torch.allclose(without, expected, atol=1e-3)


def test_the_image_of_a_recipe_is_scaled_to_the_clip(tiny, tmp_path):
    from PIL import Image

    Image.new("RGB", (100, 60), (200, 30, 90)).save(tmp_path / "first.png")
    folder = str(tiny("cogvideox-5b-i2v"))
    plain, pictured = Diffusers(folder), Diffusers(folder, image=tmp_path / "first.png")
    z, level = normal(2, 4, 3, 2, 4), plain.schedule.levels(4)[1]
    picture = torch.tensor([200, 30, 90]).reshape(1, 3, 1, 1, 1).expand(2, 3, 1, 16, 32) / 255
    with torch.no_grad():
        expected = plain.predict(z, level, picture).z0
        assert torch.allclose(pictured.predict(z, level).z0, expected, atol=1e-3)


def test_tokens_take_the_place_of_the_prompt(tiny, prior):
    model, z = prior("unet3d"), normal(2, 4, 3, 2, 2)
    level = model.schedule.levels(4)[1]
    tokens = load_embedding(Checkpoint(str(tiny("unet3d"))), "").tokens
    with torch.no_grad():
        assert torch.equal(model.predict(z, level, tokens.expand(2, -1, -1)).z0, model.predict(z, level).z0)
        other = model.predict(z, level, normal(2, 7, 16)).z0
    assert not torch.allclose(other, model.predict(z, level).z0, atol=1e-4)


def test_wan_is_not_tiled(prior):
    with pytest.raises(CapabilityError, match="not decoded in tiles here; leave `tiling` out"):
        prior("wan", tiling=True).decode(normal(1, 16, 3, 2, 2))


def test_half_precision_inside_and_full_precision_outside(prior):
    """bfloat16 weights: some percent of error, a state in float32."""
    exact, half = prior("cogvideox"), prior("cogvideox", denoiser_dtype="bfloat16", decoder_dtype="bfloat16")
    z, level = normal(1, 4, 3, 2, 4), exact.schedule.levels(4)[1]
    for says in (lambda prior: prior.predict(z, level).z0, lambda prior: prior.decode(z)):
        with torch.no_grad():
            expected, found = says(exact), says(half)
        assert found.dtype == torch.float32
        assert 0 < float((found - expected).norm() / expected.norm()) < 0.05
