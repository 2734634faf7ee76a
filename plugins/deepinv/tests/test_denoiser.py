import pickle

import deepinv
import pytest
import torch
from safetensors.torch import save_file

from invsolve import EDMSchedule, GaussianNoise, Problem, VideoSpace, solve
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError
from invsolve.recipe import from_data
from invsolve_deepinv import DeepinvDenoiser, DeepinvPhysics
from invsolve_samplers import DDNMGuidance, DiffPIRGuidance, Diffusion, RedDiff, RenoiseKernel

SMALL = {"nc": (4, 4, 4, 4), "nb": 1}


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return deepinv.models.DRUNet(**SMALL, pretrained=None)


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    """The same parameters in each kind of file."""
    folder = tmp_path_factory.mktemp("weights")
    save_file(network.state_dict(), folder / "drunet.safetensors")
    torch.save(network.state_dict(), folder / "drunet.pth")
    torch.save({"epoch": 3, "state_dict": network.state_dict()}, folder / "drunet.ckpt")
    return folder


@pytest.mark.parametrize("name", ["drunet.safetensors", "drunet.pth", "drunet.ckpt"])
def test_weights_from_a_file_are_deepinvs_network(network, weights, name):
    prior = DeepinvDenoiser("DRUNet", arguments=SMALL, weights=weights / name)
    z = torch.randn(2, 3, 3, 8, 16)
    found = prior.predict(z, prior.schedule.at(0.5)).z0
    with torch.no_grad():
        for frame in range(3):
            wanted = 2 * network((z[:, :, frame] + 1) / 2, 0.25) - 1
            assert torch.allclose(found[:, :, frame], wanted, atol=1e-5)
    assert found.grad_fn is None


def test_gradients_pass_through_the_network(weights):
    prior = DeepinvDenoiser("DRUNet", arguments=SMALL, weights=weights / "drunet.pth")
    z, direction, cotangent = torch.randn(3, 1, 3, 1, 8, 8, dtype=torch.float64)

    def clean(at):
        return (prior.predict(at, prior.schedule.at(0.5)).z0 * cotangent).sum()

    (gradient,) = torch.autograd.grad(clean(z.requires_grad_()), z)
    slope = (clean(z + 1e-6 * direction) - clean(z - 1e-6 * direction)) / 2e-6
    assert float((gradient * direction).sum()) == pytest.approx(slope.item(), rel=1e-6)


def test_a_network_of_three_dimensions_sees_videos():
    prior = DeepinvDenoiser("DRUNet", arguments={**SMALL, "dim": 3, "pretrained": None}, layout="video")
    z = torch.randn(1, 3, 8, 8, 8)
    moved = z.clone()
    moved[:, :, 0] += 1
    level = prior.schedule.at(0.5)
    assert not torch.allclose(prior.predict(z, level).z0[:, :, 1], prior.predict(moved, level).z0[:, :, 1])


@pytest.mark.parametrize(
    "sampler",
    [
        Diffusion(kernel=RenoiseKernel(fraction=0.5), guidance=DiffPIRGuidance(weight=7.0), steps=8),
        Diffusion(kernel=RenoiseKernel(fraction=0.85), guidance=DDNMGuidance(), steps=8),
        RedDiff(steps=80, weight=1.0, learning_rate=0.05),
    ],
    ids=["diffpir", "ddnm", "red"],
)
def test_samplers_use_a_denoiser_of_deepinv(sampler):
    """Plug and play: a median filter as the prior finds what was lost, with a physics of deepinv too."""
    space = VideoSpace(frames=2, height=16, width=16, channels=1)
    truth = torch.zeros(1, *space.shape)
    truth[..., 4:12, 5:13] = 1.0
    operator = DeepinvPhysics("Inpainting", arguments={"img_size": (1, 16, 16), "mask": 0.8}, seed=1)
    lost = operator.forward(torch.ones_like(truth)) == 0
    noise = GaussianNoise(std=0.02)
    observation = operator.forward(truth) + 0.02 * torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    prior = DeepinvDenoiser("MedianFilter", arguments={"kernel_size": 3}, schedule=EDMSchedule(sigma_max=2.0))
    solution = solve(Problem(operator, observation, prior, noise), sampler, seed=0)
    assert solution.video.isfinite().all()
    assert (solution.video[0] - truth)[lost].square().mean() < 0.4 * truth[lost].square().mean()
    assert (solution.video[0] - observation)[~lost].square().mean() < 0.2**2


def test_the_recipe_form(weights):
    said = {"use": "deepinv_denoiser", "denoiser": "DRUNet", "arguments": SMALL, "weights": str(weights / "drunet.pth")}
    assert from_data("prior", said) == DeepinvDenoiser("DRUNet", arguments=SMALL, weights=weights / "drunet.pth")


def test_random_weights_are_not_taken_for_trained_ones():
    with pytest.raises(ComponentError, match=r"DRUNet has weights: name their file in `weights`"):
        DeepinvDenoiser("DRUNet")
    with pytest.raises(ComponentError, match="give `weights` or"):
        DeepinvDenoiser("DRUNet", arguments={"pretrained": "download"}, weights="a.pth")


def test_bad_weights_are_refused_in_words(weights, tmp_path):
    def refused(path, says):
        with pytest.raises(ReadError, match=says):
            DeepinvDenoiser("DRUNet", arguments={"nc": (4, 4, 4, 8), "nb": 1}, weights=path)

    refused(tmp_path / "none.pth", "there is no file")
    refused(
        weights / "drunet.pth", r"does not hold the parameters of DRUNet with these arguments: \d+ of another shape"
    )
    (tmp_path / "cut.pth").write_bytes((weights / "drunet.pth").read_bytes()[:2000])
    refused(tmp_path / "cut.pth", "cannot be read as tensors alone")
    (tmp_path / "cut.safetensors").write_bytes(b"{}")
    refused(tmp_path / "cut.safetensors", "is no readable .safetensors file")
    (tmp_path / "code.pth").write_bytes(pickle.dumps(pytest.Config))
    refused(tmp_path / "code.pth", "cannot be read as tensors alone")
    (tmp_path / "weights.bin").touch()
    refused(tmp_path / "weights.bin", "weights are read from .safetensors, .pth")
    torch.save([1, 2], tmp_path / "list.pth")
    refused(tmp_path / "list.pth", "holds list, not the parameters")


def test_what_a_denoiser_does_not_take_is_said(network):
    prior = DeepinvDenoiser.of(network)
    with pytest.raises(SpaceError, match="videos of 2 channels: deepinv's DRUNet does not denoise pictures"):
        prior.latent_shape(VideoSpace(frames=1, height=8, width=8, channels=2))
    with pytest.raises(CapabilityError, match="takes no condition"):
        prior.predict(torch.zeros(1, 3, 1, 8, 8), prior.schedule.at(1.0), torch.zeros(1))
    with pytest.raises(ComponentError, match=r"was a denoiser given as an object"):
        DeepinvDenoiser(prior.denoiser)
    with pytest.raises(ComponentError, match=r"expected a deepinv\.models\.Denoiser, got Identity"):
        DeepinvDenoiser.of(torch.nn.Identity())
