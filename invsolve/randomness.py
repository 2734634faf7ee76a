"""`Randomness`: one stream of random numbers for each trajectory, the same alone and in any batch."""

import abc
import zlib
from functools import cached_property
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

    - ``seed``: any integer from 0; 0 is a seed like any other.
    - ``trajectories``: one pair (observation, sample) for each row.
    - ``purpose``: keeps streams of one seed apart, such as the sampler's from the observation noise.

    Raises `ComponentError` for a negative seed.
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
        own = [*_words(self.seed, least=4), zlib.crc32(self.purpose.encode())]
        keys = (
            [*own, *_words(observation), *_words(sample), *_words(self.step)]
            for observation, sample in self.trajectories
        )
        return tuple(np.random.Generator(np.random.PCG64DXSM(_seed_sequence(key))) for key in keys)

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal numbers, drawn in the precision of `like`."""
        kind = np.float64 if like.dtype == torch.float64 else np.float32
        drawn = np.empty(self._checked(like).shape, dtype=kind)
        for row, generator in zip(drawn, self._generators, strict=True):
            generator.standard_normal(dtype=kind, out=row)
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


def _words(number: int, least: int = 1) -> list[int]:
    """A number from 0 in words of 32 bits, the lowest first."""
    count = max(least, -(-number.bit_length() // 32))
    return [number >> 32 * i & 0xFFFFFFFF for i in range(count)]


def _seed_sequence(key: list[int]) -> np.random.SeedSequence:
    # The same as SeedSequence(seed, spawn_key=...): it takes an array of words several times faster than numbers.
    return np.random.SeedSequence(np.array(key, dtype=np.uint32))
