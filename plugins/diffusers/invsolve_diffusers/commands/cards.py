"""`Card`: GPUs by name, with what their data sheets say."""

from typing import Final, final

import attrs
import torch

from invsolve.errors import ComponentError, did_you_mean
from invsolve_diffusers.memory.available import HEADROOM

UTILISATION: Final = 0.4
"""Share of a card's rate that a video model gets out of it: a guess, to know minutes from hours."""


@final
@attrs.frozen
class Card:
    """A GPU.

    Attributes:
        name: as the command line writes it.
        gigabytes: of its memory [10^9 bytes].
        teraflops: bfloat16 matrix products, dense, float32 sums [10^12 operations/s]; None where it is not known.

    References:
        NVIDIA's data sheets.
    """

    name: str
    gigabytes: float
    teraflops: float | None = None

    def available(self, _: torch.device) -> int:
        """The bytes that a run may hold on it."""
        return int(HEADROOM * 1e9 * self.gigabytes)

    def seconds(self, operations: int) -> float | None:
        """About how long it takes over so many operations, or None."""
        return None if self.teraflops is None else operations / (UTILISATION * 1e12 * self.teraflops)


CARDS: Final = {
    card.name: card
    for card in (
        Card("rtx-3090", 24, 71),
        Card("rtx-4090", 24, 165),
        Card("l40", 48, 181),
        Card("a100", 80, 312),
        Card("h100", 80, 989),
        Card("h200", 141, 989),
    )
}


def card_of(name: str | None) -> Card:
    """The card of a name; without one the GPU that is there, and else an A100 with 80 GB."""
    if name is None and torch.cuda.is_available():
        there = torch.cuda.get_device_properties(0)
        return Card(there.name, there.total_memory / 1e9)
    if name is None:
        return CARDS["a100"]
    if name not in CARDS:
        raise ComponentError(f"there is no card {name!r}.{did_you_mean(name, CARDS)} Cards: {', '.join(CARDS)}.")
    return CARDS[name]
