"""The transformer: exact sizes, published names, and the published equations."""

import attrs
import pytest
import torch

from invsolve.errors import ComponentError
from invsolve_priors.learned.stdit.configuration import CONFIGURATIONS, STDiTConfiguration
from invsolve_priors.learned.stdit.embeddings import grid_positions, rotate
from invsolve_priors.learned.stdit.network import STDiTNetwork
from tests.priors import reference_stdit

PAPER = CONFIGURATIONS["stdit2-xl/2"]
OPEN_SORA = CONFIGURATIONS["stdit-xl/2"]


def parameters(sizes):
    with torch.device("meta"):
        network = STDiTNetwork(sizes)
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (PAPER, 761_382_168),
        (attrs.evolve(PAPER, cross_attention="none"), 612_617_496),
        (OPEN_SORA, 759_620_768),
        (attrs.evolve(OPEN_SORA, cross_attention="none"), 604_808_096),
        (attrs.evolve(OPEN_SORA, channels=12), 759_731_424),
        (attrs.evolve(OPEN_SORA, channels=12, cross_attention="none"), 604_918_752),
    ],
    ids=["paper", "paper-called", "open-sora", "open-sora-textless", "12", "12-textless"],
)
def test_parameters_are_counted_exactly(sizes, expected):
    assert parameters(sizes) == expected


def open_sora_names(depth, d, channels, *, text):
    """Names and shapes of an Open-Sora 1.0 state dict."""
    attention = {"qkv": (3 * d, d), "proj": (d, d)}
    weights = {
        "x_embedder.proj": (d, channels, 1, 2, 2),
        "t_embedder.mlp.0": (d, 256),
        "t_embedder.mlp.2": (d, d),
        "t_block.1": (6 * d, d),
        "final_layer.linear": (4 * 2 * channels, d),
    }
    plain = {"final_layer.scale_shift_table": (2, d)}
    if text:
        weights |= {"y_embedder.y_proj.fc1": (d, 4096), "y_embedder.y_proj.fc2": (d, d)}
        plain["y_embedder.y_embedding"] = (120, 4096)
    for i in range(depth):
        parts = {"attn": attention, "attn_temp": attention, "mlp": {"fc1": (4 * d, d), "fc2": (d, 4 * d)}}
        if text:
            parts["cross_attn"] = {"q_linear": (d, d), "kv_linear": (2 * d, d), "proj": (d, d)}
        weights |= {f"blocks.{i}.{part}.{name}": s for part, layers in parts.items() for name, s in layers.items()}
        plain[f"blocks.{i}.scale_shift_table"] = (6, d)
    shapes = {f"{name}.weight": shape for name, shape in weights.items()}
    return shapes | {f"{name}.bias": shape[:1] for name, shape in weights.items()} | plain


@pytest.mark.parametrize("text", [True, False])
def test_state_dicts_of_open_sora_fit_name_by_name(text):
    with torch.device("meta"):
        network = STDiTNetwork(attrs.evolve(OPEN_SORA, depth=2, cross_attention="captions" if text else "none"))
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    expected = open_sora_names(2, 1152, 4, text=text)
    positions = {"pos_embed": (1, 32 * 32, 1152), "pos_embed_temporal": (1, 16, 1152)}
    assert shapes == expected | positions


SMALL = {
    "version-1": STDiTConfiguration(
        version=1, channels=3, depth=2, width=24, heads=2, grid=(3, 4, 4), learned_variance=True
    ),
    "captions": STDiTConfiguration(
        version=1, channels=2, depth=1, width=24, heads=2, grid=(2, 4, 4), cross_attention="captions"
    ),
    "version-2": STDiTConfiguration(channels=3, depth=2, width=24, heads=2),
    "sizes": STDiTConfiguration(channels=2, depth=1, width=24, heads=2, sizes=True, cross_attention="unused"),
    "patch": STDiTConfiguration(channels=2, depth=1, width=16, heads=2, patch=(2, 1, 1)),
}


def stirred(sizes):
    """A float64 network whose zero-initialised layers are not zero."""
    torch.manual_seed(0)
    network = STDiTNetwork(sizes).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


@pytest.mark.parametrize("sizes", SMALL.values(), ids=SMALL.keys())
def test_the_network_computes_the_published_equations(sizes):
    network = stirred(sizes)
    frames = sizes.grid[0] if sizes.grid else 4
    z = torch.randn(2, sizes.channels, frames, 4, 4, dtype=torch.float64)
    time = torch.tensor([3.0, 801.0], dtype=torch.float64)
    with torch.no_grad():
        out = network(z, time)
    assert out.shape == (2, sizes.outputs, frames, 4, 4)
    state = network.state_dict()
    for i in range(2):
        # the table of positions is stored in single precision, as published
        torch.testing.assert_close(out[i], reference_stdit.run(state, sizes, z[i], float(time[i])), rtol=0, atol=2e-6)


def test_checkpointing_changes_no_gradient():
    network = stirred(SMALL["version-2"])
    z = torch.randn(1, 3, 2, 4, 4, dtype=torch.float64)
    gradients = []
    for checkpointing in (False, True):
        leaf = z.clone().requires_grad_()
        out = network(leaf, torch.tensor([5.0]), checkpointing=checkpointing)
        gradients.append(torch.autograd.grad(out.square().sum(), leaf)[0])
    assert torch.equal(*gradients)


def test_rotary_positions_enter_products_by_their_difference_alone():
    q, k = torch.randn(2, 1, 8, dtype=torch.float64)
    products = rotate(q.expand(6, 8)) @ rotate(k.expand(6, 8)).T
    for shift in range(1, 5):
        diagonal = products.diagonal(shift)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=1e-12, atol=1e-12)


def test_long_sequences_take_the_fused_attention_with_the_same_result():
    from invsolve_priors.learned.stdit.block import SHORT, attend

    q, k, v = torch.randn(3, 1, 2, SHORT + 2, 4, dtype=torch.float64)
    weights = torch.softmax(q @ k.transpose(-1, -2) / 2, -1)
    torch.testing.assert_close(attend(q, k, v), weights @ v)


def test_grids_that_are_not_square_are_stretched_to_the_square():
    wide = grid_positions(2, 8, 8, torch.device("cpu"))
    square = grid_positions(4, 4, 8, torch.device("cpu"))
    # the second row of two lies where the third of four does; the second column of eight half way to the second of four
    torch.testing.assert_close(wide[8, 4:], square[8, 4:])
    torch.testing.assert_close(wide[2, :4], square[1, :4])


def test_conditions_enter_beside_the_latent_and_by_frame():
    beside = stirred(STDiTConfiguration(channels=2, depth=1, width=16, heads=2, condition_channels=3))
    z = torch.randn(1, 2, 2, 4, 4, dtype=torch.float64)
    video = torch.randn(1, 3, 2, 4, 4, dtype=torch.float64)
    time = torch.tensor([5.0], dtype=torch.float64)
    assert not torch.allclose(beside(z, time, video), beside(z, time, video + 1))
    by_frame = stirred(STDiTConfiguration(channels=2, depth=1, width=16, heads=2, condition_vector=3))
    numbers = torch.randn(1, 2, 3, dtype=torch.float64)
    assert not torch.allclose(by_frame(z, time, numbers), by_frame(z, time, numbers.flip(1)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"width": 18}, "multiple of 4"),
        ({"width": 12, "heads": 4}, "even multiple of its 4 heads"),
        ({"version": 1}, "needs the grid t h w"),
        ({"version": 2, "cross_attention": "captions"}, "captions belong to version 1"),
        ({"width": 16, "heads": 2, "sizes": True}, "multiple of 3"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(fields, message):
    with pytest.raises(ComponentError, match=message):
        STDiTConfiguration(**fields)


def test_latents_that_the_patches_do_not_divide_are_refused():
    with pytest.raises(ComponentError, match=r"does not divide a latent of t h w = \(2, 3, 4\)"):
        CONFIGURATIONS["tiny"].tokens(2, 3, 4)
    with pytest.raises(ComponentError, match=r"for latents of t h w = \(3, 4, 4\), not \(4, 4, 4\)"):
        SMALL["version-1"].tokens(4, 4, 4)
