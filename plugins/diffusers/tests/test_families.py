"""Every family: sizes, files, gradients through denoiser and decoder, checkpointing."""

import shutil

import pytest
import torch

from invsolve.video.space import VideoSpace
from invsolve_diffusers.checkpoint import Checkpoint
from invsolve_diffusers.tiny.known import tiny_architectures

TINY = {name: architecture for name, (_, architecture) in tiny_architectures().items()}

pytestmark = pytest.mark.filterwarnings("ignore:In CPU autocast")  # Mochi asks for float32 autocast
PICTURES = [name for name in TINY if TINY[name].clip[0] == 1]
VIDEOS = [name for name in TINY if name not in PICTURES]
NAMES = pytest.mark.parametrize("name", [*VIDEOS, *(pytest.param(name, marks=pytest.mark.slow) for name in PICTURES)])


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def chained(prior, z, level):
    """The video of the clean estimate."""
    return prior.decode(prior.predict(z, level).z0)


def gradient(prior, z, level, cotangent):
    z = z.clone().requires_grad_()
    (found,) = torch.autograd.grad(chained(prior, z, level), z, cotangent)
    return found


@NAMES
def test_shapes(prior, name):
    latent, clip = TINY[name].latent, TINY[name].clip
    model = prior(name)
    space = VideoSpace(*clip)
    video = torch.rand(2, 3, *clip)
    z = model.encode(video)
    assert model.latent_shape(space) == latent
    assert z.shape == (2, *latent)
    assert model.decode(z).shape == video.shape
    prediction = model.predict(z, model.schedule.levels(4)[1])
    assert prediction.z0.shape == prediction.eps.shape == z.shape


@NAMES
def test_saved_and_loaded_again(tiny, tmp_path, name):
    """Modules written with `save_pretrained` come back bit for bit."""
    first, again, cpu = Checkpoint(str(tiny(name))), Checkpoint(str(tmp_path)), torch.device("cpu")
    shutil.copytree(first.folder / "scheduler", tmp_path / "scheduler")
    parts = {"denoiser": first.family.denoiser_folder}
    if first.family.decoder_class:
        parts["decoder"] = first.family.decoder_folder
    modules = {part: first.load(part, torch.float32, cpu) for part in parts}
    for part, folder in parts.items():
        modules[part].save_pretrained(tmp_path / folder)
    assert again.family is first.family
    for part, module in modules.items():
        state = again.load(part, torch.float32, cpu).state_dict()
        assert state.keys() == module.state_dict().keys()
        assert all(torch.equal(state[key], value) for key, value in module.state_dict().items())


@NAMES
@pytest.mark.parametrize("part", ["denoiser", "decoder"])
def test_gradient_against_finite_differences(prior, name, part):
    """The derivative along the gradient and a random direction.

    Some models compute positions, times or norms in
    float32 whatever is asked for, which spoils small steps; curvature spoils large ones: one of four must agree.
    """
    latent = TINY[name].latent
    model = prior(name)
    level = model.schedule.levels(4)[1]

    def value(z):
        made = model.predict(z, level).z0 if part == "denoiser" else model.decode(z)
        return (made * normal(*made.shape, seed=3)).sum()

    z, random = normal(1, *latent, seed=1).requires_grad_(), normal(1, *latent, seed=2)
    (found,) = torch.autograd.grad(value(z), z)
    direction = found / found.norm() + random / random.norm()
    exact, gaps = float((found * direction).sum()), []
    with torch.no_grad():
        for step in (1e-2, 3e-3, 3e-4, 1e-5):
            ahead, behind = float(value(z + step * direction)), float(value(z - step * direction))
            gaps.append(abs((ahead - behind) / (2 * step * exact) - 1))
    assert min(gaps) < 1e-4


@NAMES
@pytest.mark.parametrize("decoder", ["chunk", "inner"])
def test_checkpointed_gradient_is_the_plain_one(prior, name, decoder):
    latent = TINY[name].latent
    plain = prior(name)
    thrifty = prior(name, denoiser_checkpointing=True, decoder_checkpointing=decoder)
    level = plain.schedule.levels(4)[1]
    z, cotangent = normal(2, *latent, seed=1), normal(2, 3, *TINY[name].clip, seed=3)
    assert torch.equal(chained(thrifty, z, level), chained(plain, z, level))
    expected = gradient(plain, z, level, cotangent)
    found = gradient(thrifty, z, level, cotangent)
    assert float((found - expected).norm() / expected.norm()) < 1e-12


@NAMES
def test_checkpointing_keeps_less(prior, name):
    """What autograd saves for the backward pass falls: the switches do something."""
    latent = TINY[name].latent

    def saved(model):
        level = model.schedule.levels(4)[1]
        chained(model, normal(1, *latent), level)  # loads the modules
        z, held = normal(1, *latent).requires_grad_(), {}

        def hold(tensor):
            storage = tensor.untyped_storage()
            held[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
            video = chained(model, z, level)
        del video
        return sum(held.values())

    thrifty = prior(name, denoiser_checkpointing=True, decoder_checkpointing="inner")
    assert saved(thrifty) < 0.6 * saved(prior(name))
