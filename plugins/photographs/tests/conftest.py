"""A small network with a motion of its own, and photographs to look at."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from invsolve_photographs.model_file import write_network
from invsolve_photographs.network.configuration import PhotographConfiguration
from invsolve_photographs.network.photograph_network import PhotographNetwork, channels_last

SMALL = PhotographConfiguration(widths=(4, 6, 8), blocks=(1, 2, 1), sharpener_width=4, sharpener_blocks=1)


def small_network(seed: int = 0, line: tuple[float, float] = (0.0, 3.0)) -> PhotographNetwork:
    """Random weights; it sees `line` (as of `doubled`) [pixels] everywhere: 45 degrees, which transposing keeps."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = channels_last(PhotographNetwork(SMALL))
    with torch.no_grad():
        head = network.motion[2]
        head.bias[:2] += torch.tensor(line) / 4
    return network.eval().requires_grad_(False)


def texture(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """A smooth random picture ``1 3 h w`` in [0.1, 0.9]."""
    rng = torch.Generator().manual_seed(seed)
    noise = torch.rand(1, 3, height // 3 + 2, width // 3 + 2, generator=rng)
    grown = torch.nn.functional.interpolate(noise, size=(height, width), mode="bicubic", align_corners=True)
    return 0.1 + 0.8 * grown.clamp(0, 1)


def save(path: Path, picture: torch.Tensor) -> Path:
    """Write ``1 3 h w`` as an 8-bit picture."""
    Image.fromarray((picture[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)).save(path)
    return path


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of the small network."""
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    write_network(path, small_network(), SMALL, {"steps": 0})
    return path


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph whose sides are no multiples of anything."""
    return save(tmp_path_factory.mktemp("photograph") / "hand shake.png", texture(54, 70))
