"""Our DDIM trajectories are those of diffusers' own schedulers, on the same network and start, for all predictions."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from invsolve.randomness import SeededRandomness
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.text.embeddings import load_embedding
from invsolve_samplers import DDIMKernel

STEPS = 10


def ours(prior, start, levels):
    kernel, rng, z = DDIMKernel(), SeededRandomness(0, ((0, 0),)), start
    with torch.no_grad():
        for level, target in pairwise(levels):
            z = kernel.step(z, prior.predict(z, level), level, target, rng)
    return z


def theirs(scheduler, says, start):
    """The loop of a pipeline without guidance."""
    x = start
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(says(x, t), t, x, return_dict=False)[0]
    return x


def parts(folder):
    checkpoint = Checkpoint(str(folder))
    network = checkpoint.load("denoiser", torch.float32, torch.device("cpu"))
    return network, load_embedding(checkpoint, ""), folder / "scheduler"


def start(*shape):
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(3))


def agree(prior, scheduler, says, x):
    expected = theirs(scheduler, says, x)
    found = ours(prior, x, prior.schedule.levels(STEPS))
    assert float((found - expected).abs().max()) < 1e-5 * float(expected.abs().max())
    assert float((found - x).abs().max()) > 0.1  # it went somewhere


@pytest.mark.parametrize("name", ["unet3d", "tft2v"])
def test_unet3d_noise_and_v(tiny, name):
    from diffusers import DDIMScheduler

    folder = tiny(name)
    network, text, config = parts(folder)
    scheduler = DDIMScheduler.from_pretrained(config, timestep_spacing="trailing")
    scheduler.set_timesteps(STEPS)
    agree(
        Diffusers(str(folder)),
        scheduler,
        lambda x, t: network(x, t, encoder_hidden_states=text.tokens).sample,
        start(4, 3, 2, 2),
    )


def test_cogvideox_v_with_shifted_noise_and_no_terminal_signal(tiny):
    from diffusers import CogVideoXDDIMScheduler

    folder = tiny("cogvideox")
    network, text, config = parts(folder)
    scheduler = CogVideoXDDIMScheduler.from_pretrained(config)
    scheduler.set_timesteps(STEPS)

    def says(x, t):
        return network(x.transpose(1, 2), text.tokens, t.expand(1), return_dict=False)[0].transpose(1, 2)

    prior = Diffusers(str(folder))
    assert prior.schedule.levels(STEPS)[0].a == 0.0
    agree(prior, scheduler, says, start(4, 3, 2, 4))


def test_hunyuan_flow(tiny):
    from diffusers import FlowMatchEulerDiscreteScheduler

    folder = tiny("hunyuan")
    network, text, config = parts(folder)
    scheduler = FlowMatchEulerDiscreteScheduler.from_pretrained(config)
    scheduler.set_timesteps(STEPS, sigmas=np.linspace(1.0, 0.0, STEPS + 1)[:-1])

    def says(x, t):
        guidance = torch.tensor([1000.0])
        return network(x, t.expand(1), text.tokens, text.mask, text.pooled, guidance, return_dict=False)[0]

    agree(Diffusers(str(folder)), scheduler, says, start(4, 3, 2, 4))


def test_mochi_flow_against_the_clock(tiny):
    from diffusers import FlowMatchEulerDiscreteScheduler

    folder = tiny("mochi")
    network, text, config = parts(folder)
    scheduler = FlowMatchEulerDiscreteScheduler.from_pretrained(config)
    scheduler.set_timesteps(STEPS, sigmas=np.linspace(1.0, 0.0, STEPS + 1)[:-1])

    def says(x, t):
        return network(x, text.tokens, t.expand(1), text.mask, return_dict=False)[0]

    with pytest.warns(UserWarning, match="In CPU autocast"):
        agree(Diffusers(str(folder)), scheduler, says, start(12, 2, 2, 2))


def test_ltx_flow_in_tokens(tiny):
    from diffusers import FlowMatchEulerDiscreteScheduler

    folder = tiny("ltx")
    network, text, config = parts(folder)
    scheduler = FlowMatchEulerDiscreteScheduler.from_pretrained(config)
    scheduler.set_timesteps(STEPS, sigmas=np.linspace(1.0, 1 / STEPS, STEPS), mu=float(np.log(5.0)))

    def says(x, t):
        tokens = x.flatten(2).transpose(1, 2)
        made = network(
            tokens,
            text.tokens,
            t.expand(1),
            text.mask,
            num_frames=2,
            height=1,
            width=2,
            rope_interpolation_scale=(8 / 25, 32, 32),
            return_dict=False,
        )[0]
        return made.transpose(1, 2).reshape(x.shape)

    agree(Diffusers(str(folder), shift=5.0), scheduler, says, start(8, 2, 1, 2))


def test_latte_drops_its_learned_variance(tiny):
    from diffusers import DDIMScheduler

    folder = tiny("latte")
    network, text, config = parts(folder)
    scheduler = DDIMScheduler.from_pretrained(config, timestep_spacing="trailing")
    scheduler.set_timesteps(STEPS)

    def says(x, t):
        return network(x, t.expand(1), text.tokens, return_dict=False)[0].chunk(2, dim=1)[0]

    agree(Diffusers(str(folder)), scheduler, says, start(4, 4, 2, 4))


def test_animatediff_repeats_the_text(tiny):
    from diffusers import DDIMScheduler

    folder = tiny("animatediff")
    network, text, config = parts(folder)
    scheduler = DDIMScheduler.from_pretrained(config, timestep_spacing="trailing")
    scheduler.set_timesteps(STEPS)
    agree(
        Diffusers(str(folder)),
        scheduler,
        lambda x, t: network(x, t, text.tokens.repeat(3, 1, 1)).sample,
        start(4, 3, 2, 2),
    )


def test_wan_flow(tiny):
    from diffusers import FlowMatchEulerDiscreteScheduler

    folder = tiny("wan")
    network, text, _ = parts(folder)
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(STEPS, sigmas=np.linspace(1.0, 0.0, STEPS + 1)[:-1])
    agree(
        Diffusers(str(folder)),
        scheduler,
        lambda x, t: network(x, t.expand(1), text.tokens, return_dict=False)[0],
        start(16, 3, 2, 2),
    )
