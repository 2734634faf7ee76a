import zlib

import numpy as np
import pytest
import torch

import invsolve as iv
from invsolve.errors import ComponentError

LIKE = torch.empty(3, 2, 4, dtype=torch.float64)
PAIRS = ((0, 0), (1, 0), (0, 5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_a_row_is_the_same_alone_and_in_any_batch(dtype, draw):
    like = LIKE.to(dtype)
    batch = getattr(iv.SeededRandomness(7, PAIRS), draw)(like)
    for row, pair in zip(batch, PAIRS, strict=True):
        alone = getattr(iv.SeededRandomness(7, (pair,)), draw)(like[:1])
        assert torch.equal(alone[0], row)
    turned = getattr(iv.SeededRandomness(7, PAIRS[::-1]), draw)(like)
    assert torch.equal(turned.flip(0), batch)


def test_steps_seeds_purposes_and_pairs_are_kept_apart():
    sources = [
        iv.SeededRandomness(seed, ((o, s),), purpose=purpose, step=step)
        for seed in (0, 1)
        for o in (0, 1)
        for s in (0, 1)
        for purpose in ("sampler", "observation")
        for step in (0, 1)
    ]
    drawn = {tuple(source.normal(torch.empty(1, 3)).flatten().tolist()) for source in sources}
    assert len(drawn) == len(sources)


def test_a_step_does_not_depend_on_what_was_drawn_before():
    used, fresh = iv.SeededRandomness(0, PAIRS), iv.SeededRandomness(0, PAIRS)
    used.normal(LIKE)
    assert torch.equal(used.at(4).normal(LIKE), fresh.at(4).normal(LIKE))
    assert not torch.equal(used.normal(LIKE), fresh.normal(LIKE))  # the second draw of a step is another one


def test_seed_zero_counts_and_global_state_is_left_alone():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    zero = iv.SeededRandomness(0, PAIRS).normal(LIKE)
    assert torch.equal(zero, iv.SeededRandomness(0, PAIRS).normal(LIKE))
    assert not torch.equal(zero, iv.SeededRandomness(1, PAIRS).normal(LIKE))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


def test_moments():
    n = 200_000
    normal = iv.SeededRandomness(3).normal(torch.empty(1, n, dtype=torch.float64))
    assert abs(float(normal.mean())) < 5 / n**0.5
    assert abs(float(normal.var()) - 1) < 5 * (2 / n) ** 0.5
    counts = iv.SeededRandomness(3).poisson(torch.full((1, n), 2.5, dtype=torch.float64))
    assert abs(float(counts.mean()) - 2.5) < 5 * (2.5 / n) ** 0.5


def test_wrong_batch_and_negative_seed_are_refused():
    with pytest.raises(ComponentError, match="3 trajectories"):
        iv.SeededRandomness(0, PAIRS).normal(torch.empty(2, 2))
    with pytest.raises(ComponentError, match="-1"):
        iv.SeededRandomness(-1)


@pytest.mark.parametrize("key", [(0, 0, 0, 0), (7, 3, 9, 2**32 - 1), (2**32, 1, 0, 5), (2**200 + 3, 2**40, 2**33, 1)])
def test_the_key_is_that_of_a_seed_sequence_with_a_spawn_key(key):
    seed, observation, sample, step = key
    sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(b"sampler"), observation, sample, step))
    wanted = np.random.Generator(np.random.PCG64DXSM(sequence)).standard_normal(5)
    source = iv.SeededRandomness(seed, ((observation, sample),)).at(step)
    assert np.array_equal(source.normal(torch.empty(1, 5, dtype=torch.float64))[0].numpy(), wanted)
