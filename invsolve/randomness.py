"""`Randomness`: one stream of random numbers for each trajectory, the same alone and in any batch."""

import abc
import zlib
from functools import cached_property, lru_cache
from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from invsolve.errors import ComponentError


class Randomness(abc.ABC):
    """A source of random tensors whose axis 0 runs over trajectories (an observation and a sample of it)."""

    @abc.abstractmethod
    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers of the shape, dtype and device of `like`."""

    @abc.abstractmethod
    def uniform(self, like: Tensor) -> Tensor:
        """Uniform numbers in [0, 1) of the shape, dtype and device of `like`."""

    @abc.abstractmethod
    def poisson(self, rate: Tensor) -> Tensor:
        """Poisson counts with the rates `rate` (at least 0), elementwise."""

    @abc.abstractmethod
    def at(self, step: int) -> "Randomness":
        """The source for step `step`: independent of every other step, whatever was drawn there."""


@final
@attrs.frozen(slots=False)
class SeededRandomness(Randomness):
    """Streams derived from ``(seed, purpose, observation, sample, step)`` alone.

    Row ``i`` of every tensor comes from generators of its own, hence it is bit for bit the same in any batch, order or
    chunk and on any device (numbers are drawn on the CPU). A checkpoint needs no generator state: the step number is
    enough.

    - Normal numbers in float32: torch's generator (Mersenne twister; Box and Muller's transform, none beyond 5.8) with
      32 bits of a hash of the key, so that two streams are the same one with probability 2^-32. The last bit of a
      number may differ from one kind of CPU to another.
    - All else: numpy's PCG64-DXSM under a `SeedSequence` of the key.

    Fields:

    Attributes:
        seed: any integer from 0; 0 is a seed like any other.
        trajectories: one pair (observation, sample) for each row.
        purpose: keeps streams of one seed apart, such as the sampler's from the observation noise.

    Raises:
        ComponentError: for a negative seed.

    References:
        Steele, Lea and Flood 2014 (SplitMix64, which hashes the step).
    """

    seed: int
    trajectories: tuple[tuple[int, int], ...] = ((0, 0),)
    purpose: str = "sampler"
    step: int = 0

    def __attrs_post_init__(self) -> None:
        if self.seed < 0:
            raise ComponentError(f"a seed is an integer from 0, got {self.seed}.")

    @cached_property
    def _generators(self) -> tuple[np.random.Generator, ...]:
        step = _words(self.step)
        keys = (_key(self.seed, self.purpose, *trajectory) + step for trajectory in self.trajectories)
        return tuple(np.random.Generator(np.random.PCG64DXSM(_seed_sequence(key))) for key in keys)

    @cached_property
    def _quick_generators(self) -> tuple[torch.Generator, ...]:
        bases = [_base(self.seed, self.purpose, *trajectory) for trajectory in self.trajectories]
        return tuple([torch.Generator().manual_seed(_split_mix(base, self.step)) for base in bases])

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers, drawn in the precision of `like`."""
        self._check(like)
        if like.dtype == torch.float64:
            exact = np.empty(like.shape)
            for row, generator in zip(exact, self._generators, strict=True):
                generator.standard_normal(out=row)
            return torch.from_numpy(exact).to(like)
        drawn = torch.empty(like.shape, dtype=torch.float32, device="cpu")
        for row, quick in zip(drawn.unbind(), self._quick_generators, strict=True):
            row.normal_(generator=quick)
        return drawn.to(like)

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform numbers, drawn in the precision of `like`."""
        kind = np.float64 if like.dtype == torch.float64 else np.float32
        self._check(like)
        drawn = np.empty(like.shape, dtype=kind)
        for row, generator in zip(drawn, self._generators, strict=True):
            generator.random(dtype=kind, out=row)
        return torch.from_numpy(drawn).to(like)

    def poisson(self, rate: Tensor) -> Tensor:
        """Poisson counts."""
        self._check(rate)
        rates = rate.detach().cpu().double().numpy()
        counts = [generator.poisson(row) for row, generator in zip(rates, self._generators, strict=True)]
        return torch.from_numpy(np.stack(counts)).to(rate)

    def at(self, step: int) -> "SeededRandomness":
        """The same streams at another step."""
        return SeededRandomness(self.seed, self.trajectories, self.purpose, step)

    def _check(self, like: Tensor) -> None:
        if like.shape[0] != len(self.trajectories):
            raise ComponentError(
                f"randomness for {len(self.trajectories)} trajectories cannot fill a tensor of {tuple(like.shape)}."
            )


@lru_cache(maxsize=1024)
def _key(seed: int, purpose: str, observation: int, sample: int) -> tuple[int, ...]:
    # What every step of a run asks for anew.
    return (*_words(seed, least=4), zlib.crc32(purpose.encode()), *_words(observation), *_words(sample))


@lru_cache(maxsize=1024)
def _base(seed: int, purpose: str, observation: int, sample: int) -> int:
    """64 bits that stand for a trajectory."""
    return int(_seed_sequence(_key(seed, purpose, observation, sample)).generate_state(1, np.uint64)[0])


def _split_mix(base: int, step: int) -> int:
    """Number `step` of the SplitMix64 sequence that starts at `base`."""
    mixed = (base + (step + 1) * 0x9E3779B97F4A7C15) % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
    return mixed ^ mixed >> 31


def _words(number: int, least: int = 1) -> tuple[int, ...]:
    """A number from 0 in words of 32 bits, the lowest first."""
    count = max(least, -(-number.bit_length() // 32))
    return tuple(number >> 32 * i & 0xFFFFFFFF for i in range(count))


def _seed_sequence(key: tuple[int, ...]) -> np.random.SeedSequence:
    # The same as SeedSequence(seed, spawn_key=...): it takes an array of words several times faster than numbers.
    return np.random.SeedSequence(np.array(key, dtype=np.uint32))
