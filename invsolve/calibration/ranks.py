"""Ranks of a truth among samples."""

from jaxtyping import Float, Int
from torch import Tensor

from invsolve.randomness import Randomness


def ranks(truth: Float[Tensor, "b q"], samples: Float[Tensor, "s b q"], rng: Randomness) -> Int[Tensor, "b q"]:
    """The number of samples below the truth, ``0 .. s``; among equals its place is drawn.

    If truth and samples are draws of one law, every rank is as likely as any other.
    """
    below = (samples < truth).sum(0)
    equal = (samples == truth).sum(0)
    return below + (rng.uniform(truth) * (equal + 1)).long().clamp_max(equal)
