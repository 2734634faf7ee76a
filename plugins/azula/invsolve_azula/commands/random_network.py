"""`random_state`: random parameters of a network, none of which are zero."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from invsolve_azula.checkpoint.network_file import write
from invsolve_azula.families.family import Config, Family

SPREAD: Final = 0.1  # standard deviation of what a network starts at zero


def random_state(family: Family, config: Config, seed: int = 0) -> dict[str, Tensor]:
    """The parameters of a new network; what its authors start at zero is drawn too, so that every part has a say."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = family.network(config)
        with torch.no_grad():
            for parameter in network.parameters():
                if not bool(parameter.any()):
                    parameter.normal_(0.0, SPREAD)
    return network.state_dict()


def write_random(family: Family, config: Config, path: Path, seed: int = 0) -> Path:
    """Write a network of random parameters; raises `WriteError` where `path` exists or cannot be written."""
    write(path, family, config, random_state(family, config, seed), f"random, seed {seed}")
    return path
