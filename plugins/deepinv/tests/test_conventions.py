"""Each line of the README's table of conventions."""

import deepinv
import pytest
import torch

from invsolve import EDMSchedule, VideoSpace
from invsolve_deepinv import DeepinvDenoiser, DeepinvPhysics, as_denoiser, as_physics, operator_of
from invsolve_operators import Convolution, Downsample, Mosaic
from invsolve_priors import SpectralGaussian

physics = deepinv.physics
BORDERS = {"circular": "circular", "reflect": "reflect", "replicate": "replicate", "constant": "zero", "valid": "valid"}


def picture(*shape):
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))


def still(x):
    return x[:, :, None]


@pytest.mark.parametrize("size", [(3, 3), (2, 3), (4, 2)])
@pytest.mark.parametrize("border", BORDERS)
def test_filters_are_flipped_alike_about_the_same_pixel(border, size):
    values = torch.rand(size, generator=torch.Generator().manual_seed(1))
    theirs = DeepinvPhysics("Blur", arguments={"filter": values, "padding": border})
    ours = Convolution(values=values.tolist(), border=BORDERS[border], normalise=False)
    x = still(picture(1, 9, 8)).double()
    assert torch.allclose(theirs.forward(x), ours.forward(x), atol=1e-14)
    assert torch.allclose(theirs.adjoint(theirs.forward(x)), ours.adjoint(ours.forward(x)), atol=1e-13)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_downsampling_takes_the_first_pixel_of_each_square(factor):
    """A box of `factor` about its middle pixel: half a square before ours, which averages the square itself."""
    box = torch.ones(1, 1, factor, factor) / factor**2
    x = picture(1, 12, 12)
    theirs = physics.Downsampling(img_size=(1, 12, 12), filter=box, factor=factor).A(x)
    shift = factor - 1 - factor // 2
    assert torch.allclose(
        still(theirs), Downsample(factor=factor).forward(still(x.roll((shift, shift), (-2, -1)))), atol=1e-6
    )


@pytest.mark.parametrize("factor", [2, 4])
def test_matlabs_bicubic_is_ours_but_for_the_border(factor):
    x = picture(1, 40, 40)
    theirs = physics.DownsamplingMatlab(factor=factor).A(x)
    ours = Downsample(factor=factor, method="bicubic").forward(still(x)).squeeze(2)
    assert torch.allclose(theirs[..., 2:-2, 2:-2], ours[..., 2:-2, 2:-2], atol=1e-5)
    assert not torch.allclose(theirs, ours, atol=1e-2)


def test_demosaicing_keeps_three_planes_of_bggr():
    x = picture(3, 4, 6)
    theirs = operator_of(physics.Demosaicing(img_size=(3, 4, 6))).forward(still(x))
    assert torch.equal(theirs.sum(1, keepdim=True), Mosaic(pattern="bggr").forward(still(x)))


def test_gamma_of_a_proximal_map_is_a_ratio_of_variances():
    blur = physics.BlurFFT((1, 8, 8), filter=torch.tensor([[[[0.2, 0.5, 0.3]]]]))
    x, y = picture(1, 8, 8), picture(1, 8, 8).flip(-1)
    ours = operator_of(blur).prox(still(x), still(y), signal_variance=0.5, noise_variance=0.1)
    assert torch.allclose(ours.squeeze(2), blur.prox_l2(x, y, gamma=0.5 / 0.1), atol=1e-6)


def test_a_norm_is_the_root_of_sqnorm():
    blur = physics.BlurFFT((1, 8, 8), filter=torch.tensor([[[[0.2, 0.9, 0.3]]]]))
    norm = operator_of(blur).norm(VideoSpace(frames=1, height=8, width=8, channels=1))
    square = blur.compute_sqnorm(torch.ones(1, 1, 8, 8), verbose=False, max_iter=1000, tol=1e-7)
    assert norm**2 == pytest.approx(float(square), rel=1e-3)


def test_pictures_in_0_1_are_latents_in_minus_1_1_and_sigma_is_halved():
    calls = []

    class Spy(deepinv.models.Denoiser):
        def forward(self, x, sigma, **kwargs):
            calls.append((x, sigma))
            return 0.25 * torch.ones_like(x)

    prior = DeepinvDenoiser.of(Spy())
    z = torch.linspace(-1, 1, 2 * 3 * 1 * 2 * 2).reshape(2, 3, 1, 2, 2)
    found = prior.predict(z, EDMSchedule().at(0.4))
    x, sigma = calls[-1]
    assert torch.allclose(x, (z.squeeze(2) + 1) / 2)
    assert torch.equal(sigma, torch.tensor([0.2, 0.2]))
    assert torch.allclose(found.z0, torch.tensor(-0.5))
    assert torch.allclose(z, found.z0 + 0.4 * found.eps)


def test_a_variance_preserving_level_is_divided_by_its_signal():
    prior = DeepinvDenoiser("MedianFilter")
    z = picture(3, 1, 6, 6)
    level = SpectralGaussian().schedule.levels(10)[3]
    pictures = 0.5 + 0.5 * z.squeeze(2) / level.a
    clean = deepinv.models.MedianFilter()(pictures, 0.5 * level.sbar)
    assert torch.allclose(prior.predict(z, level).z0.squeeze(2), 2 * clean - 1, atol=1e-6)


def test_noise_levels_of_a_denoiser_are_those_of_pictures():
    """For a normal law of pixels of variance v the denoiser is known: m + v / (v + sigma^2) (x - m)."""
    space = VideoSpace(frames=1, height=4, width=4, channels=1)
    prior = SpectralGaussian(mean=0.4, std=0.2, spatial_exponent=0.0, temporal_exponent=0.0, channel_correlation=0.0)
    x = picture(1, 4, 4).double()
    for sigma in (0.03, 0.5, 40.0):
        wanted = 0.4 + 0.2**2 / (0.2**2 + sigma**2) * (x - 0.4)
        assert torch.allclose(as_denoiser(prior, space)(x, sigma), wanted, atol=1e-10)


def test_each_picture_of_a_batch_may_have_its_own_sigma():
    denoiser = as_denoiser(SpectralGaussian(), VideoSpace(frames=1, height=4, width=4))
    x = picture(3, 4, 4)
    both = denoiser(x, torch.tensor([0.1, 0.3]))
    assert torch.allclose(both[0], denoiser(x[:1], 0.1)[0], atol=1e-6)
    assert torch.allclose(both[1], denoiser(x[1:], 0.3)[0], atol=1e-6)


@pytest.mark.filterwarnings("ignore:Complex modules")  # torch's, of deepinv's own
def test_complex_measurements_are_twice_the_channels():
    sensing = physics.CompressedSensing(m=5, img_size=(1, 3, 4), dtype=torch.cfloat)
    operator = operator_of(sensing)
    x = picture(1, 3, 4)
    theirs = sensing.A(x.to(torch.cfloat))
    y = operator.forward(still(x))
    assert y.shape == (2, 2, 1, 1, 5)
    assert torch.allclose(y[:, 0].flatten(1), theirs.real, atol=1e-5)
    assert torch.allclose(y[:, 1].flatten(1), theirs.imag, atol=1e-5)


def test_guidance_of_deepinv_takes_the_norm_of_each_item_as_ours_does():
    space = VideoSpace(frames=1, height=4, width=4)
    fidelity = deepinv.sampling.DPSDataFidelity(denoiser=as_denoiser(SpectralGaussian(), space), weight=2.0)
    lent = as_physics(Downsample(factor=2), space)
    x, y = picture(3, 4, 4), picture(3, 2, 2)
    both = fidelity.grad(x.clone(), y, lent, 0.5)
    alone = fidelity.grad(x[:1].clone(), y[:1], lent, 0.5)
    assert torch.allclose(both[:1], alone, atol=1e-6)
