"""LPIPS against the classifier written out with torch's own layers, and part by part in both directions of time."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from invsolve.errors import ReadError
from invsolve.metrics import LPIPS, Bidirectional
from invsolve.metrics.lpips_network import LPIPSNetwork
from invsolve.recipe import load_one
from invsolve.video.transfer import in_transfer
from tests.metrics.test_directions import judged
from tests.metrics.test_motion_metrics import Brightness

SHAPE = (1, 3, 2, 37, 40)


def alexnet() -> nn.Sequential:
    """AlexNet as torchvision orders it, with fewer channels."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(4, 5, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 5, 3, padding=1), nn.ReLU(),
        nn.Conv2d(5, 4, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def vgg() -> nn.Sequential:
    """VGG-16 as torchvision orders it, with fewer channels."""
    layers: list[nn.Module] = []
    before = 3
    for width, count in ((3, 2), (4, 2), (5, 3), (4, 3), (3, 3)):
        layers += [nn.MaxPool2d(2)] if layers else []
        for _ in range(count):
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
    return nn.Sequential(*layers)


READ = {alexnet: (1, 4, 7, 9, 11), vgg: (3, 8, 15, 22, 29)}


def network(kind):
    torch.manual_seed(0)
    classifier = kind().double()
    widths = {alexnet: (4, 5, 6, 5, 4), vgg: (3, 4, 5, 4, 3)}[kind]
    return classifier, [torch.rand(1, width, 1, 1, dtype=torch.float64) for width in widths]


def write(folder, kind):
    classifier, heads = network(kind)
    state = {f"features.{name}": value for name, value in classifier.state_dict().items()}
    path = folder / "net.safetensors"
    save_file(state | {f"lin{k}.model.1.weight": head for k, head in enumerate(heads)}, path)
    return path


def written_out(kind, x: Tensor, y: Tensor) -> float:
    """Between two pictures ``3 h w``."""
    classifier, heads = network(kind)
    total = 0.0
    shift = np.array([-0.030, -0.088, -0.188])[:, None, None]
    scale = np.array([0.458, 0.448, 0.450])[:, None, None]
    a, b = (torch.as_tensor((2 * each.numpy() - 1 - shift) / scale)[None] for each in (x, y))
    for number, layer in enumerate(classifier):
        a, b = layer(a), layer(b)
        if number in READ[kind]:
            p, q = (
                z.detach().numpy() / (np.sqrt((z.detach().numpy() ** 2).sum(1, keepdims=True)) + 1e-10) for z in (a, b)
            )
            total += ((p - q) ** 2 * heads[READ[kind].index(number)].numpy()).sum(1).mean()
    return total


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("kind", [alexnet, vgg])
def test_the_formula_written_out(tmp_path, kind):
    metric, truth, video = LPIPS(weights=write(tmp_path, kind)), rand(*SHAPE), rand(*SHAPE, seed=1)
    found = metric.frames(video, truth)
    wanted = [[written_out(kind, video[0, :, t], truth[0, :, t]) for t in range(2)]]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)
    assert metric.frames(truth, truth).abs().max() == 0


def test_what_a_run_is_told(tmp_path):
    metric, truth = LPIPS(weights=write(tmp_path, alexnet)), rand(*SHAPE)
    values = metric.evaluate(judged(truth.flip(2), truth.expand_as(truth), truth=truth))
    assert values["lpips"][0] > 0.0 and values["lpips"][1] == 0.0
    assert values["lpips_best_direction"] == [0.0, 0.0]
    assert values["lpips_frames_apart"] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert metric.evaluate(judged(truth[..., :30, :], truth=truth[..., :30, :])) == {}


def test_grey_is_three_equal_channels(tmp_path):
    metric, grey = LPIPS(weights=write(tmp_path, alexnet)), rand(1, 1, 1, 33, 33)
    other = rand(1, 1, 1, 33, 33, seed=1)
    whole = metric.frames(grey.expand(-1, 3, -1, -1, -1), other.expand(-1, 3, -1, -1, -1))
    torch.testing.assert_close(metric.frames(grey, other), whole, rtol=0, atol=0)


@pytest.mark.parametrize(("kind", "side"), [(alexnet, 31), (vgg, 16)])
def test_the_smallest_picture(tmp_path, kind, side):
    network = LPIPSNetwork.read(write(tmp_path, kind))
    assert network.least_side() == side
    assert network.distance(*rand(2, 1, 3, side, side)).isfinite().all()
    with pytest.raises(RuntimeError):
        network.distance(*rand(2, 1, 3, side - 1, side - 1))


@pytest.mark.parametrize(
    ("name", "said"), [("lin3.model.1.weight", "lacks lin3"), ("features.6.weight", "lacks features.6")]
)
def test_what_a_file_lacks_is_named(tmp_path, name, said):
    path = write(tmp_path, alexnet)
    classifier, heads = network(alexnet)
    state = {f"features.{key}": value for key, value in classifier.state_dict().items()}
    state |= {f"lin{k}.model.1.weight": head for k, head in enumerate(heads)}
    save_file({key: value for key, value in state.items() if key != name}, path)
    with pytest.raises(ReadError, match=said):
        LPIPSNetwork.read(path)
    state[name] = torch.zeros(3, 2, 1, 1, dtype=torch.float64)
    save_file(state, path)
    with pytest.raises(ReadError, match=f"holds {name} of shape"):
        LPIPSNetwork.read(path)


def test_patches_choose_their_direction_by_lpips_flow_and_squares(tmp_path):
    truth, video = rand(1, 3, 2, 64, 64), rand(1, 3, 2, 64, 64, seed=1)
    lpips = LPIPS(weights=write(tmp_path, vgg))
    metric = Bidirectional(patch=32, psnr_patch=16, lpips=lpips, flow=Brightness())
    values = metric.evaluate(judged(video, truth=truth))
    shown = [in_transfer(each, "linear", "srgb") for each in (video, video.flip(2), truth)]
    least = []
    for top in (0, 32):
        for left in (0, 32):
            cut = (..., slice(top, top + 32), slice(left, left + 32))
            least.append(min(float(lpips.frames(way[cut], shown[2][cut]).mean()) for way in shown[:2]))
    assert values["lpips_patchwise"] == pytest.approx([np.mean(least)], rel=1e-10)
    squares = [((way - truth) ** 2).mean(2).numpy() for way in (video, video.flip(2))]
    errors = [
        min(square[0, :, i : i + 16, j : j + 16].mean() for square in squares)
        for i in range(0, 64, 16)
        for j in range(0, 64, 16)
    ]
    assert values["psnr_pixelwise"] == pytest.approx([-10 * np.log10(np.mean(errors))], rel=1e-10)
    # this flow is the same everywhere, so that each patch chooses as the whole does
    growth = [float((way[:, :, 1] - way[:, :, 0]).mean()) for way in shown]
    wanted = min(abs(growth[k] - growth[2]) for k in (0, 1)) * np.sqrt(5)
    assert values["endpoint_error_patchwise"] == pytest.approx([wanted], rel=1e-6)


def test_a_recipe_names_it_alone_and_inside(tmp_path):
    path = write(tmp_path, alexnet)
    text = """
recipe: 1
input: {read: simulate, from: {read: sample, name: coffee}}
operator: {use: convolution, kernel: gaussian, std: 1.0}
noise: {use: gaussian, std: 0.01}
prior: {use: spectral_gaussian}
sampler: {use: auto}
"""
    inner = f"{{use: lpips, weights: {path}}}"
    for metrics in (inner, f"{{use: bidirectional, patch: 32, lpips: {inner}}}"):
        file = tmp_path / "recipe.yaml"
        file.write_text(f"{text}metrics: [{metrics}]\n")
        recipe = load_one(file)
        (metric,) = recipe.metrics
        assert (metric.lpips if isinstance(metric, Bidirectional) else metric) == LPIPS(weights=path)
