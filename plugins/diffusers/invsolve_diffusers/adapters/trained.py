"""`Adapted`: a linear layer with a low-rank change that is trained while the layer itself stays."""

import math
from collections.abc import Iterator
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn


@final
class Adapted(nn.Module):
    """``W x + c + B A x``: ``A`` drawn as a linear layer's weight is, ``B`` at 0, so that nothing changes at first.

    References:
        Hu et al. 2022, section 4.1, with ``alpha = r``.
    """

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down = nn.Parameter(layer.weight.new_empty(rank, layer.in_features, dtype=torch.float32))
        self.up = nn.Parameter(layer.weight.new_zeros(layer.out_features, rank, dtype=torch.float32))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Float[Tensor, "*b i"]) -> Float[Tensor, "*b o"]:
        """The layer's output, changed."""
        change = nn.functional.linear(nn.functional.linear(x, self.down.to(x.dtype)), self.up.to(x.dtype))
        return self.layer(x) + change  # type: ignore[no-any-return]


def adapt(network: nn.Module, endings: tuple[str, ...], rank: int) -> int:
    """Put an `Adapted` around every linear layer whose name ends so; how many there were."""
    names = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear) and any(name == end or name.endswith(f".{end}") for end in endings)
    ]
    for name in names:
        above, _, last = name.rpartition(".")
        parent = network.get_submodule(above)
        setattr(parent, last, Adapted(network.get_submodule(name), rank))  # type: ignore[arg-type]  # chosen above
    return len(names)


def pairs_of(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The low-rank weights by the names that diffusers gives them."""
    for name, module in network.named_modules():
        if isinstance(module, Adapted):
            yield f"transformer.{name}.lora_A.weight", module.down
            yield f"transformer.{name}.lora_B.weight", module.up
