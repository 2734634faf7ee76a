"""A compiled denoiser has the gradient of the plain one."""

import pytest
import torch

from invsolve.video.space import VideoSpace


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch, inside its own compiler
def test_a_compiled_denoiser_has_the_same_gradient(prior):
    found = []
    for compiled in (False, True):
        each = prior("cogvideox", compile=compiled)
        shape = each.latent_shape(VideoSpace(9, 32, 32))
        z = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
        level = each.schedule.levels(3, "trailing")[1]
        z0 = each.predict(z, level).z0
        found.append(torch.autograd.grad(z0.square().sum(), z)[0])
    torch.testing.assert_close(found[1], found[0], rtol=1e-4, atol=1e-5)
