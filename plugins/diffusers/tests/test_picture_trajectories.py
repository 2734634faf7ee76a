"""Pictures: our DDIM trajectories are those of diffusers' own pipelines, from the same start, without guidance."""

from itertools import pairwise

import diffusers
import numpy as np
import pytest
import torch

from invsolve.randomness import SeededRandomness
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.text.embeddings import load_embedding
from invsolve_samplers import DDIMKernel

STEPS = 5  # divides 1000: else DDIM of diffusers steps to levels next to those that it visits
CPU = torch.device("cpu")


def ours(prior, start, levels):
    kernel, rng, z = DDIMKernel(), SeededRandomness(0, ((0, 0),)), start
    with torch.no_grad():
        for level, target in pairwise(levels):
            z = kernel.step(z, prior.predict(z, level), level, target, rng)
    return z


def parts(folder):
    checkpoint = Checkpoint(str(folder))
    text = None if checkpoint.family.text is None else load_embedding(checkpoint, "")
    return checkpoint.load("denoiser", torch.float32, CPU), checkpoint.load("decoder", torch.float32, CPU), text


def start(*shape):
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(3))


def agree(found, expected):
    expected = torch.as_tensor(expected).reshape(found.shape)
    assert float((found - expected).abs().max()) < 1e-5 * float(expected.abs().max())


def trailing(folder):
    """A DDIM sampler of the checkpoint's own noise, at the levels that ours visits."""
    config = Checkpoint(str(folder)).configs.scheduler.made.config
    return diffusers.DDIMScheduler.from_config(
        config, timestep_spacing="trailing", set_alpha_to_one=True, clip_sample=False, steps_offset=1
    )


@pytest.mark.parametrize("name", ["stable_diffusion", pytest.param("stable_diffusion_xl", marks=pytest.mark.slow)])
def test_stable_diffusion(tiny, name):
    folder = tiny(name)
    unet, vae, text = parts(folder)
    z = start(4, 2, 4)
    given = {"prompt_embeds": text.tokens, "latents": z, "guidance_scale": 1.0, "output_type": "latent"}
    if name == "stable_diffusion":
        pipeline = diffusers.StableDiffusionPipeline(vae, None, None, unet, trailing(folder), None, None)
    else:
        pipeline = diffusers.StableDiffusionXLPipeline(vae, None, None, None, None, unet, trailing(folder))
        given["pooled_prompt_embeds"] = text.pooled
    pipeline.set_progress_bar_config(disable=True)
    expected = pipeline(height=16, width=32, num_inference_steps=STEPS, **given).images
    prior = Diffusers(str(folder))
    found = ours(prior, z[:, :, None], prior.schedule.levels(STEPS))
    agree(found, expected)
    picture = pipeline(height=16, width=32, num_inference_steps=1, **{**given, "output_type": "pt"}).images
    shown = prior.decode(ours(prior, z[:, :, None], prior.schedule.levels(1)))
    agree(shown.clamp(0, 1), picture)


@pytest.mark.slow
def test_latent_consistency(tiny):
    """One step of its own sampler: the clean estimate, but for a blend with its input of 1e-7 at such a level."""
    folder = tiny("latent_consistency")
    unet, vae, text = parts(folder)
    scheduler = Checkpoint(str(folder)).configs.scheduler.made
    pipeline = diffusers.LatentConsistencyModelPipeline(vae, None, None, unet, scheduler, None, None, None, False)
    pipeline.set_progress_bar_config(disable=True)
    z = start(4, 2, 4)
    expected = pipeline(
        prompt_embeds=text.tokens,
        latents=z,
        guidance_scale=1.0,
        output_type="latent",
        num_inference_steps=1,
        height=16,
        width=32,
    ).images
    prior = Diffusers(str(folder))
    with torch.no_grad():
        found = prior.predict(z[:, :, None], prior.schedule.at(float(scheduler.timesteps[0]))).z0
    agree(found, expected)


@pytest.mark.slow
def test_stable_diffusion_3(tiny):
    folder = tiny("stable_diffusion_3")
    transformer, vae, text = parts(folder)
    scheduler = Checkpoint(str(folder)).configs.scheduler.made
    pipeline = diffusers.StableDiffusion3Pipeline(transformer, scheduler, vae, None, None, None, None, None, None)
    pipeline.set_progress_bar_config(disable=True)
    z = start(4, 2, 4)
    expected = pipeline(
        prompt_embeds=text.tokens,
        pooled_prompt_embeds=text.pooled,
        latents=z,
        guidance_scale=1.0,
        output_type="latent",
        sigmas=np.linspace(1.0, 1 / STEPS, STEPS),
        num_inference_steps=STEPS,
        height=16,
        width=32,
    ).images
    prior = Diffusers(str(folder))
    found = ours(prior, z[:, :, None], prior.schedule.levels(STEPS))
    agree(found, expected)
    with torch.no_grad():
        agree(prior.decode(found), (vae.decode(expected / 1.5 + 0.06).sample + 1) / 2)


def test_flux(tiny):
    folder = tiny("flux")
    transformer, vae, text = parts(folder)
    scheduler = Checkpoint(str(folder)).configs.scheduler.made
    pipeline = diffusers.FluxPipeline(scheduler, vae, None, None, None, None, transformer)
    pipeline.set_progress_bar_config(disable=True)
    z = start(4, 2, 4)
    packed = pipeline._pack_latents(z, 1, 4, 2, 4)
    shift = float(np.exp(0.5 + 0.65 * (2 - 256) / (4096 - 256)))  # of two tokens
    expected = pipeline(
        prompt_embeds=text.tokens,
        pooled_prompt_embeds=text.pooled,
        latents=packed,
        guidance_scale=1.0,
        output_type="latent",
        num_inference_steps=STEPS,
        height=16,
        width=32,
    ).images
    prior = Diffusers(str(folder), shift=shift)
    found = ours(prior, z[:, :, None], prior.schedule.levels(STEPS))
    agree(found, pipeline._unpack_latents(expected, 16, 32, 8))
    assert Diffusers(str(folder)).schedule.shift == pytest.approx(np.exp(1.15))


@pytest.mark.slow
def test_pixels(tiny):
    folder = tiny("ddpm")
    unet, _, _ = parts(folder)
    scheduler = trailing(folder)
    scheduler.set_timesteps(STEPS)
    z = x = start(3, 8, 12)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(unet(x, t).sample, t, x).prev_sample
    prior = Diffusers(str(folder))
    found = ours(prior, z[:, :, None], prior.schedule.levels(STEPS))
    agree(found, x)
    agree(prior.decode(found), (x + 1) / 2)


def test_latent_diffusion(tiny):
    folder = tiny("latent_diffusion")
    unet, vqvae, _ = parts(folder)
    scheduler = trailing(folder)
    scheduler.set_timesteps(STEPS)
    z = x = start(3, 4, 6)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(unet(x, t).sample, t, x).prev_sample
        picture = vqvae.decode(x / 0.18215, force_not_quantize=True).sample
    prior = Diffusers(str(folder))
    found = ours(prior, z[:, :, None], prior.schedule.levels(STEPS))
    agree(found, x)
    agree(prior.decode(found), (picture + 1) / 2)


def test_consistency(tiny):
    """Several steps of its own sampler, with its noise."""
    folder = tiny("consistency-classes")
    unet, _, _ = parts(folder)
    scheduler = Checkpoint(str(folder)).configs.scheduler.made
    scheduler.set_timesteps(STEPS)
    x = 80 * start(3, 8, 12)
    prior = Diffusers(str(folder), prompt="7")
    with torch.no_grad():
        for index, t in enumerate(scheduler.timesteps):
            level = prior.schedule.at(float(scheduler.sigmas[index]))
            found = prior.predict(x[:, :, None], level).z0[:, :, 0]
            said = unet(scheduler.scale_model_input(x, t), t, class_labels=torch.tensor([7])).sample
            lower = float(scheduler.sigmas[index + 1])
            noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(index))
            x = scheduler.step(said, t, x, generator=torch.Generator().manual_seed(index)).prev_sample
            spread = max(lower**2 - 0.002**2, 0.0) ** 0.5
            agree(found + spread * noise, x)
