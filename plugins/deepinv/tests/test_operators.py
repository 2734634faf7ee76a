"""Every linear operator of deepinv's own test suite, through the bridge."""

import deepinv
import pytest
import torch
from deepinv.tests.test_physics import OPERATORS, find_operator

from invsolve import VideoSpace
from invsolve.errors import ComponentError
from invsolve_deepinv import DeepinvPhysics, operator_of

pytestmark = pytest.mark.filterwarnings("ignore")  # deepinv's own, in its own test suite
FLOAT32_INSIDE = ("ultrasound_planewave", "ultrasound_planewave_pulse")


def shape_of(size):
    """``c t h w`` of an item, and how deepinv sees it."""
    return (tuple(size), "video") if len(size) == 4 else ((size[0], 1, *size[1:]), "frames")


@pytest.mark.parametrize("name", OPERATORS)
def test_it_is_deepinvs_with_an_exact_adjoint(name):
    physics, size, _, _ = find_operator(name, "cpu")  # skips what needs a package that is not there
    shape, layout = shape_of(size)
    operator = operator_of(physics, size=tuple(size), layout=layout)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, *shape, dtype=torch.float64, generator=generator)
    y = operator.forward(x)
    v = torch.randn(y.shape, dtype=y.dtype, generator=generator)
    gap = ((y * v).sum() - (x * operator.adjoint(v)).sum()).abs() / (y.norm() * v.norm())
    assert gap < (1e-7 if name in FLOAT32_INSIDE else 1e-10)

    space = VideoSpace(channels=shape[0], frames=shape[1], height=shape[2], width=shape[3])
    assert operator.output_space(space).shape == y.shape[1:]
    assert operator.input_space(VideoSpace.of(y)).shape == shape

    pictures = x.float() if layout == "video" else x.float().squeeze(2)
    taken = pictures.to(torch.complex64) if name == "complex_compressed_sensing" else pictures
    theirs = physics.A(taken.to(torch.cdouble) if name == "complex_compressed_sensing" else taken)
    packing = operator.held.answer(tuple(size)).packing
    ours = packing.unpack(operator.forward(x.float()))
    for mine, other in zip(
        *((part,) if isinstance(part, torch.Tensor) else part for part in (ours, theirs)), strict=True
    ):
        assert mine.shape == other.shape
        assert (mine - other).norm() <= 1e-6 * other.norm()


def test_a_size_that_deepinvs_adjoint_does_not_give_back_is_refused():
    operator = DeepinvPhysics("Downsampling", arguments={"factor": 2, "filter": None})
    assert operator.output_space(VideoSpace(frames=2, height=4, width=6)).shape == (3, 2, 2, 3)
    with pytest.raises(Exception, match=r"turns its measurement of \(3, 5, 6\) into \(3, 6, 6\): say for which `size`"):
        operator.output_space(VideoSpace(frames=2, height=5, width=6))
    odd = DeepinvPhysics("Downsampling", arguments={"factor": 2, "filter": None}, size=(3, 5, 6))
    x = torch.randn(1, 3, 1, 5, 6, dtype=torch.float64)
    y = odd.forward(x)
    assert torch.equal(y, x[..., ::2, ::2])
    assert torch.dist((odd.adjoint(y) * x).sum(), y.square().sum()) < 1e-12


def test_a_wrong_adjoint_is_replaced():
    physics = deepinv.physics.LinearPhysics(A=lambda x, **_: 2 * x.flip(-1), A_adjoint=lambda y, **_: y)
    operator = operator_of(physics)
    y = torch.randn(2, 1, 3, 4, 5, dtype=torch.float64)
    assert torch.equal(operator.adjoint(y), 2 * y.flip(-1))


def test_the_adjoints_of_even_filters_are_exact():
    """deepinv's own fails for a filter of one row and two columns, or is wrong by some per cent."""
    for border in ("circular", "reflect", "replicate", "constant", "valid"):
        operator = DeepinvPhysics("Blur", arguments={"filter": [[0.7, 0.4]], "padding": border})
        x = torch.randn(1, 1, 1, 6, 5, dtype=torch.float64)
        y = operator.forward(x)
        v = torch.randn_like(y)
        assert torch.dist((y * v).sum(), (x * operator.adjoint(v)).sum()) < 1e-12


def test_what_has_no_exact_adjoint_is_refused():
    physics = deepinv.physics.Tomography(img_width=8, angles=4, adjoint_via_backprop=False)
    with pytest.raises(ComponentError, match=r"neither the adjoint of deepinv's Tomography nor its gradient"):
        operator_of(physics, size=(1, 8, 8)).output_space(VideoSpace(frames=1, height=8, width=8, channels=1))


def test_later_changes_of_the_physics_do_not_matter():
    physics = deepinv.physics.Blur(filter=torch.ones(1, 1, 1, 2) / 2, padding="circular")
    operator = operator_of(physics)
    x = torch.randn(1, 1, 1, 3, 4)
    before = operator.forward(x)
    physics.update(filter=torch.ones(1, 1, 1, 2))
    assert torch.equal(operator.forward(x), before)
    assert operator != operator_of(physics)


def test_a_decomposition_gives_deepinvs_closed_forms():
    physics = deepinv.physics.BlurFFT((3, 8, 6), filter=torch.tensor([[[[0.2, 0.5, 0.3]]]]))
    operator = operator_of(physics)
    x, y = torch.randn(2, 3, 1, 8, 6), torch.randn(2, 3, 1, 8, 6)
    assert operator.spectrum(VideoSpace.of(x), x.dtype, x.device) is not None
    assert operator.spectrum(VideoSpace.of(x), torch.float64, x.device) is None  # deepinv's phases are in float32
    theirs = physics.prox_l2(x[:, :, 0], y[:, :, 0], 4.0)
    assert torch.allclose(operator.prox(x, y, 1.0, 0.25)[:, :, 0], theirs, atol=1e-6)
    exact = operator.prox(x.double(), y.double(), 1.0, 0.25)[:, :, 0]  # conjugate gradients
    assert torch.allclose(exact.float(), theirs, atol=1e-6)


def test_a_video_is_blurred_frame_by_frame():
    physics = deepinv.physics.Blur(filter=torch.rand(1, 1, 3, 2), padding="reflect")
    x = torch.randn(2, 3, 4, 6, 5)
    y = operator_of(physics).forward(x)
    for frame in range(4):
        assert torch.allclose(y[:, :, frame], physics.A(x[:, :, frame]), atol=1e-6)
