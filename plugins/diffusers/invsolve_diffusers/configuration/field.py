"""`Field`: what becomes of one field of a checkpoint's configuration."""

from typing import Any, Literal, final

import attrs

Effect = Literal["used", "architecture", "without effect", "refused"]


@final
@attrs.frozen
class Field:
    """The part that one field has in a prior.

    Attributes:
        effect: ``used``: it says what the model was trained on; ``architecture``: diffusers builds the network by it;
            ``without effect``: it is of what ours takes the place of, such as a sampler's steps; ``refused``: another
            value than `only` makes a model that is not supported.
        why: for people.
        only: the one value that is taken, of a refused field.
    """

    effect: Effect
    why: str
    only: Any = None


def used(why: str) -> Field:
    """A field that is used."""
    return Field("used", why)


def unused(why: str) -> Field:
    """A field without effect."""
    return Field("without effect", why)
