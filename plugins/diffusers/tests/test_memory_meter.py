"""Live bytes against closed forms and against what the allocator itself reports."""

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from invsolve_diffusers.memory.meter import FlashAttention, LiveBytes, TooMuch
from invsolve_diffusers.memory.profile import profile, retained

FLOAT = 4
CPU = "cpu"


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_storages_count_once_while_they_live(device):
    x = torch.zeros(1000, device=device)
    with LiveBytes(CPU) as live:
        y = x + 1
        views = y[:500], y.reshape(10, 100).T
        assert live.now == 1000 * FLOAT
        y = y * 2
        assert live.now == 2000 * FLOAT
        del views
        assert live.now == 1000 * FLOAT
    assert live.peak == 2000 * FLOAT


def test_what_was_there_before_does_not_count_by_its_views():
    layer = nn.Linear(100, 100, bias=False, device="meta").requires_grad_(False)
    with LiveBytes(CPU) as live:
        y = layer(torch.zeros(3, 100, device="meta"))
        assert live.now == y.numel() * FLOAT


def test_retained_bytes_are_what_autograd_saves():
    # sin keeps its input, the product of two keeps both, the sum keeps nothing; results that are saved count once
    def run(x):
        return (x.sin() * x.cos() + 1).exp()

    n = 1000
    like = torch.zeros(n, device="meta")
    # sin(x), cos(x) and the exponential; x itself was there before
    assert retained(run, like, CPU) == 3 * n * FLOAT
    counted = profile(run, like, CPU)
    assert counted.retained == 3 * n * FLOAT
    assert counted.forward == 4 * n * FLOAT


@pytest.mark.parametrize("blocks", [2, 5])
def test_checkpoints_keep_one_tensor_a_block(blocks):
    n = 1000

    def block(x):
        for _ in range(3):
            x = x.exp()
        return x

    def run(x):
        for _ in range(blocks):
            x = checkpoint(block, x, use_reentrant=False)
        return x

    counted = profile(run, torch.zeros(n, device="meta"), CPU)
    assert counted.retained == blocks * n * FLOAT
    # going back: the last result, its cotangent, one block computed again, and one product
    assert counted.backward > counted.retained
    assert counted.backward <= (blocks + 6) * n * FLOAT


def test_meta_and_real_tensors_count_the_same():
    network = nn.Sequential(nn.Conv3d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv3d(8, 3, 3))
    network.requires_grad_(False)
    like = torch.zeros(1, 3, 6, 12, 12)
    real = profile(network, like, CPU)
    assert profile(network.to("meta"), like.to("meta"), CPU) == real


def test_convolutions_count_their_scratch_memory_on_a_cpu(peak_allocated):
    layer = nn.Conv3d(4, 6, 3, padding=1).requires_grad_(False)
    x = torch.zeros(1, 4, 3, 8, 8)

    def run():
        return layer(x)

    run()
    with LiveBytes(CPU) as live:
        run()
    assert live.peak == peak_allocated(run)
    assert live.peak == (6 + 4 * 27) * 3 * 8 * 8 * FLOAT


def test_operations_of_a_matrix_product_forward_and_back():
    weight = torch.zeros(30, 20, device="meta")
    counted = profile(lambda x: x @ weight, torch.zeros(10, 30, device="meta"), CPU)
    assert counted.operations == 2 * (2 * 10 * 30 * 20)


def test_attention_on_meta_tensors_makes_no_matrix_of_pairs():
    heads, length, width = 2, 512, 16

    def attend(x):
        return nn.functional.scaled_dot_product_attention(x.sin(), x.cos(), x)

    like = torch.zeros(1, heads, length, width, device="meta")
    one = heads * length * width * FLOAT
    sums = heads * length * FLOAT
    with torch.enable_grad():
        kept = retained(attend, like, "cuda")
    # sin(x), cos(x), the result, and a number for each row; not 512 x 512 pairs
    assert 3 * one + sums <= kept <= 3 * one + sums + 64


def test_attention_with_a_mask_on_meta_tensors():
    def attend(x):
        mask = torch.ones(1, 1, 1, x.shape[2], dtype=torch.bool, device=x.device)
        return nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=mask)

    counted = profile(attend, torch.zeros(1, 2, 64, 16, device="meta"), "cuda")
    assert counted.retained < 64 * 64 * 2 * FLOAT * 3


def test_attention_on_real_tensors_is_left_alone():
    x = torch.randn(1, 2, 8, 4, generator=torch.Generator().manual_seed(0))
    plain = nn.functional.scaled_dot_product_attention(x, x, x, scale=0.3)
    with FlashAttention():
        assert torch.equal(nn.functional.scaled_dot_product_attention(x, x, x, scale=0.3), plain)


def test_too_much_stops_early():
    like = torch.zeros(1000, device="meta")
    assert profile(torch.sin, like, CPU, most=4000 * FLOAT).backward == 4000 * FLOAT
    with pytest.raises(TooMuch):
        profile(lambda x: x.sin().cos().exp(), like, CPU, most=4000 * FLOAT)
