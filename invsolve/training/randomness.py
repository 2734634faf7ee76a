"""Random numbers of a training step that depend on the seed and the step alone, so that nothing need be saved."""

import numpy as np
import torch


def numbers(seed: int, purpose: str, step: int) -> np.random.Generator:
    """NumPy's generator for one purpose at one step."""
    key = (seed, int.from_bytes(purpose.encode(), "big"), step)
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(key)))


def generator(seed: int, purpose: str, step: int) -> torch.Generator:
    """torch's generator (on the CPU, whatever the device) for one purpose at one step."""
    return torch.Generator().manual_seed(int(numbers(seed, purpose, step).integers(2**62)))
