"""`Randomness`: one stream of random numbers for each trajectory, the same alone and in any batch."""

import abc
import math
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

    Row ``i`` of every tensor comes from a generator of its own (numpy's PCG64-DXSM under a `SeedSequence` of that
    key), hence it is bit for bit the same in any batch, order or chunk and on any device (numbers are drawn on the
    CPU). A checkpoint needs no generator state: the step number is enough.

    Normal numbers come from numpy's ziggurat in float64. In float32 they come from Box and Muller's transform of 32
    random bits each (so none beyond 6.7), which takes half the time; its logarithms and cosines are numpy's vector
    functions, whose last bit may differ from one kind of CPU to another.

    - ``seed``: any integer from 0; 0 is a seed like any other.
    - ``trajectories``: one pair (observation, sample) for each row.
    - ``purpose``: keeps streams of one seed apart, such as the sampler's from the observation noise.

    Raises `ComponentError` for a negative seed.

    **Source:** Box and Muller 1958.
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

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers, drawn in the precision of `like`."""
        exact = like.dtype == torch.float64
        drawn = np.empty(self._checked(like).shape, dtype=np.float64 if exact else np.float32)
        for row, generator in zip(drawn, self._generators, strict=True):
            if exact:
                generator.standard_normal(out=row)
            else:
                _box_muller(generator, row.reshape(-1))
        return torch.from_numpy(drawn).to(like)

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform numbers, drawn in the precision of `like`."""
        kind = np.float64 if like.dtype == torch.float64 else np.float32
        drawn = np.empty(self._checked(like).shape, dtype=kind)
        for row, generator in zip(drawn, self._generators, strict=True):
            generator.random(dtype=kind, out=row)
        return torch.from_numpy(drawn).to(like)

    def poisson(self, rate: Tensor) -> Tensor:
        """Poisson counts."""
        rates = self._checked(rate).detach().cpu().double().numpy()
        counts = [generator.poisson(row) for row, generator in zip(rates, self._generators, strict=True)]
        return torch.from_numpy(np.stack(counts)).to(rate)

    def at(self, step: int) -> "SeededRandomness":
        """The same streams at another step."""
        return SeededRandomness(self.seed, self.trajectories, self.purpose, step)

    def _checked(self, like: Tensor) -> Tensor:
        if like.shape[0] != len(self.trajectories):
            raise ComponentError(
                f"randomness for {len(self.trajectories)} trajectories cannot fill a tensor of {tuple(like.shape)}."
            )
        return like


def _box_muller(generator: np.random.Generator, out: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    """Fill `out` with ``sqrt(-2 log u) cos(angle)``, then ``sqrt(-2 log u) sin(angle)``."""
    pairs = -(-out.size // 2)
    bits = generator.bit_generator.random_raw(pairs).view(np.uint32)
    radius = bits[:pairs].astype(np.float32)
    radius += 1
    radius *= 2.0**-32  # u in (0, 1]
    np.log(radius, out=radius)
    radius *= -2
    np.sqrt(radius, out=radius)
    angle = bits[pairs:].view(np.int32).astype(np.float32)
    angle *= math.pi * 2.0**-31  # from -pi to pi
    np.multiply(radius, np.cos(angle), out=out[:pairs])
    rest = out.size - pairs
    np.multiply(radius[:rest], np.sin(angle[:rest]), out=out[pairs:])


@lru_cache(maxsize=1024)
def _key(seed: int, purpose: str, observation: int, sample: int) -> tuple[int, ...]:
    # What every step of a run asks for anew.
    return (*_words(seed, least=4), zlib.crc32(purpose.encode()), *_words(observation), *_words(sample))


def _words(number: int, least: int = 1) -> tuple[int, ...]:
    """A number from 0 in words of 32 bits, the lowest first."""
    count = max(least, -(-number.bit_length() // 32))
    return tuple(number >> 32 * i & 0xFFFFFFFF for i in range(count))


def _seed_sequence(key: tuple[int, ...]) -> np.random.SeedSequence:
    # The same as SeedSequence(seed, spawn_key=...): it takes an array of words several times faster than numbers.
    return np.random.SeedSequence(np.array(key, dtype=np.uint32))
