"""Camera curves: laws, published formulas, cleaning of measured tables, finite gradients."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch

from invsolve import VideoSpace, pipeline
from invsolve.errors import ComponentError, ReadError, SpaceError
from invsolve_operators import CameraResponse, Linearise, Quantise, TemporalAverage
from invsolve_operators.response.tabulated_curve import increasing

NAMED = ("linear", "srgb", "gamma:2.2", "gamma:0.7")
NOISY = tuple(float(v) for v in np.linspace(0, 3, 64) ** 1.7 + 0.05 * np.sin(np.arange(64) * 2.1))


def ramp(n: int = 4001, channels: int = 1) -> torch.Tensor:
    return torch.linspace(0, 1, n, dtype=torch.float64).reshape(1, 1, 1, 1, n).repeat(1, channels, 1, 1, 1)


def curves() -> list[dict[str, object]]:
    tables = [{"curve": "table", "values": NOISY}, {"curve": "table", "values": NOISY, "holds": "inverse"}]
    return [{"curve": name} for name in NAMED] + tables


@pytest.mark.parametrize("fields", curves(), ids=lambda fields: str(fields["curve"]))
def test_curves_rise_from_0_to_1_and_invert(fields: dict[str, object]) -> None:
    encode, decode = CameraResponse(**fields), Linearise(**fields)
    x = ramp()
    for map_ in (encode, decode):
        assert float(map_(x).diff(dim=-1).min()) > 0
        torch.testing.assert_close(map_(x)[..., [0, -1]], x[..., [0, -1]], rtol=0, atol=1e-12)
    torch.testing.assert_close(decode(encode(x)), x, rtol=0, atol=1e-9)
    torch.testing.assert_close(encode(decode(x)), x, rtol=0, atol=1e-9)


def test_srgb_is_the_standard() -> None:
    x = ramp()
    expected = np.where(
        x.numpy() <= 0.0031308, 12.92 * x.numpy(), 1.055 * np.maximum(x.numpy(), 1e-9) ** (1 / 2.4) - 0.055
    )
    np.testing.assert_allclose(CameraResponse(curve="srgb")(x).numpy(), expected, rtol=0, atol=1e-15)


def test_gamma_is_the_power_above_its_toe() -> None:
    x = ramp()[..., 1:]
    torch.testing.assert_close(CameraResponse(curve="gamma:2.2")(x), x ** (1 / 2.2), rtol=1e-14, atol=0)
    torch.testing.assert_close(Linearise(curve="gamma:2.2")(x), x**2.2, rtol=1e-12, atol=0)


@pytest.mark.parametrize("fields", curves(), ids=lambda fields: str(fields["curve"]))
@pytest.mark.parametrize("clip", ["hard", "soft", "none"])
def test_slopes_are_finite_everywhere(fields: dict[str, object], clip: str) -> None:
    points = torch.tensor([-0.5, -1e-12, 0.0, 1e-12, 0.5, 1.0, 1.5], dtype=torch.float64).reshape(1, 1, 1, 1, -1)
    for operator in (CameraResponse(clip=clip, **fields), Linearise(clip=clip, **fields)):
        x = points.clone().requires_grad_()
        (slope,) = torch.autograd.grad(operator(x).sum(), x, create_graph=True)
        assert bool(torch.isfinite(slope).all())
        assert bool((slope >= 0).all())
        if slope.requires_grad:
            (bend,) = torch.autograd.grad(slope.sum(), x)
            assert bool(torch.isfinite(bend).all())


def test_soft_clipping_is_smooth_and_close() -> None:
    x = torch.linspace(-1, 2, 3001, dtype=torch.float64).reshape(1, 1, 1, 1, -1)
    soft = CameraResponse(curve="linear", clip="soft", softness=0.02)(x)
    hard = CameraResponse(curve="linear", clip="hard")(x)
    assert float((soft - hard).abs().max()) <= 0.02 * np.log(2) + 1e-12
    assert float(soft.min()) >= 0
    assert float(soft.max()) <= 1 + 1e-15
    assert float(soft.diff(dim=-1).min()) >= -1e-15


def test_encoding_after_the_average_brightens() -> None:
    """Jensen: for gamma > 1 at least the plain mean; the excess is (gamma - 1) var / (2 mean) to second order."""
    average = TemporalAverage(frames=4)
    camera = pipeline(Linearise(curve="gamma:2.2"), average, CameraResponse(curve="gamma:2.2"))
    x = 0.5 + 0.01 * torch.randn(1, 1, 4, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    excess = camera(x) - average(x)
    assert float(excess.min()) >= 0
    second_order = 1.2 * x.var(2, keepdim=True, correction=0) / (2 * average(x))
    torch.testing.assert_close(excess, second_order, rtol=0.05, atol=0)
    still = x[:, :, :1].expand(-1, -1, 4, -1, -1)
    torch.testing.assert_close(camera(still), still[:, :, :1], rtol=0, atol=1e-15)


@pytest.mark.parametrize("bits", [1, 8, 16])
@pytest.mark.parametrize("mode", ["trunc", "round"])
def test_quantise_keeps_levels_and_moves_others_by_less_than_one(bits: int, mode: str) -> None:
    levels = 2**bits - 1
    grid = (torch.arange(levels + 1, dtype=torch.float64) / levels).reshape(1, 1, 1, 1, -1)
    operator = Quantise(bits=bits, mode=mode)
    assert torch.equal(operator(grid), grid)
    x = ramp()
    error = operator(x) - x
    assert float(error.abs().max()) <= (1 if mode == "trunc" else 0.5) / levels + 1e-12
    if mode == "trunc":
        assert float(error.max()) <= 1e-12


def test_quantise_gradients() -> None:
    x = torch.tensor([-0.1, 0.3, 1.1]).reshape(1, 1, 1, 1, 3).requires_grad_()
    for gradient, expected in (("straight_through", [0.0, 1.0, 0.0]), ("true", [0.0, 0.0, 0.0])):
        (slope,) = torch.autograd.grad(Quantise(gradient=gradient)(x).sum(), x)
        assert slope.flatten().tolist() == expected
    assert Quantise(mode="none")(x).flatten().tolist() == pytest.approx([0.0, 0.3, 1.0])


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_published_recipe_byte_for_byte(name: str) -> None:
    """The exposure of 8 shifted pictures in linear light, cut to bytes, equals the numpy expression for it."""
    picture = getattr(skimage.data, name)()[:96, :120]
    frames = np.stack([np.roll(picture, n, axis=1) for n in range(8)])
    expected = (np.mean(frames.astype(np.float64) ** 2.2, axis=0) ** (1 / 2.2)).astype(np.uint8)
    chain = pipeline(
        Linearise(curve="gamma:2.2"),
        TemporalAverage(frames=8),
        CameraResponse(curve="gamma:2.2"),
        Quantise(bits=8, mode="trunc"),
    )
    clip = torch.from_numpy(frames).permute(3, 0, 1, 2)[None].double() / 255
    found = (chain(clip)[0, :, 0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    off = np.abs(found.astype(int) - expected.astype(int))
    assert off.max() <= 1
    assert (off > 0).sum() <= off.size / 10_000


def test_still_pictures_survive_the_chain_byte_for_byte() -> None:
    levels = torch.arange(256, dtype=torch.float64).reshape(1, 1, 1, 16, 16) / 255
    chain = pipeline(
        Linearise(curve="gamma:2.2"), TemporalAverage(frames=8), CameraResponse(curve="gamma:2.2"), Quantise()
    )
    assert torch.equal((chain(levels.expand(-1, -1, 8, -1, -1)) * 255).round(), levels * 255)


def test_cleaning_is_isotonic_regression_on_the_unit_square() -> None:
    samples = np.array([2.0, 4.0, 3.0, 5.0, 5.0, 12.0])
    cleaned = increasing(samples)
    scaled = (samples - 2) / 10
    scaled[1:3] = scaled[1:3].mean()
    np.testing.assert_allclose(cleaned, scaled, rtol=0, atol=2e-6)
    assert np.diff(cleaned).min() > 0
    assert (cleaned[0], cleaned[-1]) == (0, 1)


def test_tables_per_channel_in_another_order() -> None:
    table = ((0.0, 0.0, 0.0), (0.2, 0.5, 0.8), (1.0, 1.0, 1.0))
    x = torch.full((1, 3, 1, 1, 1), 0.5, dtype=torch.float64)
    y = CameraResponse(curve="table", values=table, columns=(2, 1, 0))(x).flatten().tolist()
    assert y == pytest.approx([0.8, 0.5, 0.2], abs=1e-5)
    with pytest.raises(SpaceError, match=r"3 channels.*channels = 1"):
        CameraResponse(curve="table", values=table).output_space(VideoSpace(frames=1, height=1, width=1, channels=1))


def test_tables_from_files_with_their_own_grid(tmp_path: Path) -> None:
    light = np.stack([np.linspace(0, 1, 50) ** 2, np.linspace(0, 1, 50)])
    np.savez(tmp_path / "curves.npz", I=light, B=np.sqrt(light))
    fields = {"curve": "table", "file": tmp_path / "curves.npz", "variable": "B", "grid": "I", "index": 0}
    found = CameraResponse(**fields)(torch.from_numpy(light[0]).reshape(1, 1, 1, 1, -1))
    np.testing.assert_allclose(found.numpy().ravel(), np.sqrt(light[0]), rtol=0, atol=1e-5)


EMOR_TEXT = """E =
 0.0 0.25 0.5 0.75 1.0e+000
f0 =
 0.0 0.4 0.6
 0.8 1.0
h(1) =
 0.0 -1.0e-001 -0.1 -0.05 0.0
h(2) =
 0.0 0.02 0.0 -0.02 0.0
"""
EMOR_C = """const float f0[5] = { 0.0f, 0.4f, 0.6f,
 0.8f, 1.0e+000f};
const float h1[5] = {0.0f, -1.0e-001f, -0.1f, -0.05f, 0.0f};
const float h2[5] = {0.0f, 0.02f, 0.0f, -0.02f, 0.0f};
"""


@pytest.mark.parametrize("text", [EMOR_TEXT, EMOR_C])
def test_emor_is_the_mean_plus_the_basis(text: str, tmp_path: Path) -> None:
    (tmp_path / "emor.txt").write_text(text)
    x = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64).reshape(1, 1, 1, 1, 3).repeat(1, 2, 1, 1, 1)
    fields = {"curve": "emor", "file": tmp_path / "emor.txt"}
    one = CameraResponse(coefficients=(0.5,), **fields)(x)[0, 0, 0, 0].tolist()
    assert one == pytest.approx([0.35, 0.55, 0.775], abs=2e-6)
    two = CameraResponse(coefficients=((0.5, 1.0), (0.0, 0.0)), **fields)(x)[0, :, 0, 0].tolist()
    assert two[0] == pytest.approx([0.37, 0.55, 0.755], abs=2e-6)
    assert two[1] == pytest.approx([0.4, 0.6, 0.8], abs=2e-6)
    with pytest.raises(ComponentError, match=r"3 coefficients, but .* holds 2"):
        CameraResponse(coefficients=(0.5, 0.0, 0.0), **fields)


def test_emor_from_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "emor.npz", f0=np.linspace(0, 1, 5), h=np.array([[0, 0.1, 0.1, 0.1, 0]]))
    operator = CameraResponse(curve="emor", file=tmp_path / "emor.npz", coefficients=(1.0,))
    x = torch.full((1, 1, 1, 1, 1), 0.5, dtype=torch.float64)
    assert operator(x).item() == pytest.approx(0.6, abs=2e-6)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"curve": "rgb"}, ComponentError, "Did you mean 'srgb'"),
        ({"curve": "gamma:99"}, ComponentError, "gamma:<0.1 to 10>"),
        ({"curve": "table"}, ComponentError, "needs either values or file"),
        ({"curve": "srgb", "values": (0.0, 1.0)}, ComponentError, "curve 'srgb' has no values"),
        ({"curve": "table", "values": (1.0, 0.5)}, ComponentError, "must rise"),
        ({"curve": "table", "values": (1.0,)}, ComponentError, "two or more knots"),
        ({"curve": "table", "values": (0.0, 1.0), "columns": (0,)}, ComponentError, "columns"),
        ({"curve": "table", "values": (0.0, 1.0), "holds": "both"}, ComponentError, "one of response, inverse"),
        ({"curve": "table", "file": "none.npy"}, ReadError, "there is no file none.npy"),
        ({"curve": "emor"}, ComponentError, "needs file"),
        ({"curve": "emor", "file": "none.txt", "coefficients": (1.0,)}, ReadError, "none.txt"),
        ({"clip": "off"}, ComponentError, "one of hard, soft, none"),
        ({"softness": 0.0}, ComponentError, "CameraResponse.softness"),
    ],
)
def test_bad_fields_are_named(fields: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        CameraResponse(**fields)


def test_a_text_that_is_no_emor(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("E = 1 2 3")
    with pytest.raises(ReadError, match="expected curves named f0"):
        CameraResponse(curve="emor", file=tmp_path / "other.txt", coefficients=(1.0,))


@pytest.mark.parametrize(("bits", "mode"), [(0, "trunc"), (17, "trunc"), (8, "floor")])
def test_bad_quantisers(bits: int, mode: str) -> None:
    with pytest.raises(ComponentError, match=r"Quantise.bits must be a whole number from 1 to 16|Quantise.mode"):
        Quantise(bits=bits, mode=mode)


def test_light_is_declared() -> None:
    linear = VideoSpace(frames=8, height=2, width=2, transfer="linear")
    srgb = VideoSpace(frames=8, height=2, width=2, transfer="srgb")
    camera = pipeline(Linearise(curve="srgb"), TemporalAverage(frames=8), CameraResponse(curve="srgb"))
    assert camera.output_space(srgb).transfer == "srgb"
    assert camera.input_space(camera.output_space(srgb)) == srgb
    with pytest.raises(SpaceError, match="encoded already"):
        CameraResponse().output_space(srgb)
    with pytest.raises(SpaceError, match="linear light already"):
        Linearise().output_space(linear)
    assert CameraResponse(curve="gamma:2.2").output_space(linear).transfer == "gamma:2.2"
    assert CameraResponse(curve="table", values=(0.0, 1.0)).output_space(linear).transfer == "unknown"
