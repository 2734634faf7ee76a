import zlib

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, chisquare, kstest, norm

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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_law_is_the_normal_one(dtype):
    n = 400_000
    drawn = iv.SeededRandomness(3).normal(torch.empty(1, n, dtype=dtype))[0].numpy().astype(np.float64)
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(np.mean(drawn**power) - moment) < 5 * (variance / n) ** 0.5
    inner = norm.ppf(np.linspace(0, 1, 257)[1:-1])
    counts = np.bincount(np.searchsorted(inner, drawn), minlength=256)
    assert chisquare(counts).pvalue > 1e-4
    assert binomtest(int(np.sum(np.abs(drawn) > 4)), n, 2 * norm.sf(4)).pvalue > 1e-4


def test_moments_of_poisson_counts():
    n = 200_000
    counts = iv.SeededRandomness(3).poisson(torch.full((1, n), 2.5, dtype=torch.float64))
    assert abs(float(counts.mean()) - 2.5) < 5 * (2.5 / n) ** 0.5


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "streams",
    [
        [iv.SeededRandomness(0, ((0, i),)) for i in range(60)],
        [iv.SeededRandomness(0, ((i, 0),)) for i in range(60)],
        [iv.SeededRandomness(0).at(i) for i in range(60)],
        [iv.SeededRandomness(i) for i in range(60)],
        [iv.SeededRandomness(0, purpose=f"purpose {i}") for i in range(60)],
    ],
    ids=["samples", "observations", "steps", "seeds", "purposes"],
)
def test_streams_are_independent(streams, dtype):
    n = 4096
    drawn = np.concatenate([source.normal(torch.empty(1, n, dtype=dtype)).numpy() for source in streams])
    for signs in (np.sign(drawn), np.sign(np.abs(drawn) - norm.ppf(0.75))):  # of the numbers, and of their sizes
        across = (signs @ signs.T)[np.triu_indices(len(streams), 1)] / n**0.5
        assert kstest(across, "norm").pvalue > 1e-4
        for lag in (1, 2, 3, n // 2):  # float32: the two of a pair are n / 2 apart
            within = np.sum(signs[:, lag:] * signs[:, :-lag]) / signs[:, lag:].size ** 0.5
            assert abs(within) < 5


@pytest.mark.parametrize("key", [(0, 0, 0, 0), (7, 3, 9, 2**32 - 1), (2**200 + 3, 2**40, 2**33, 1)])
@pytest.mark.parametrize("n", [1, 15, 16, 33])
def test_float32_numbers_are_torchs_under_a_hash_of_the_key(key, n):
    seed, observation, sample, step = key
    sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(b"sampler"), observation, sample))
    mixed = split_mix(int(sequence.generate_state(1, np.uint64)[0]), step)
    wanted = torch.randn(n, generator=torch.Generator().manual_seed(mixed))
    drawn = iv.SeededRandomness(seed, ((9, 9), (observation, sample))).at(step).normal(torch.empty(2, n))[1]
    assert torch.equal(drawn, wanted)


def split_mix(state, step):
    """The published three lines, in unsigned words that wrap around."""
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.uint64(step + 1) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return int(z ^ (z >> np.uint64(31)))


def test_split_mix_gives_its_published_numbers():
    assert split_mix(1234567, 0) == 6457827717110365317
    assert split_mix(1234567, 1) == 3203168211198807973


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
