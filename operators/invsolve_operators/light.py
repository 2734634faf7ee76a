"""The check of operators that average linear light."""

from typing import Literal

from invsolve.errors import SpaceError
from invsolve.video.space import VideoSpace

Transfer = Literal["require", "ignore"]


def require_linear(operator: object, space: VideoSpace, transfer: Transfer) -> None:
    """Raise `SpaceError` where an operator that averages light would average display-encoded values.

    ``linear`` passes, ``unknown`` passes because nothing is claimed, and `transfer` = ``ignore`` lets everything pass.
    Frames that are not equally spaced in time never pass: an average over frames is none over time then.
    """
    if space.uneven is not None:
        raise SpaceError(f"{type(operator).__name__} averages over time, but {space.uneven}.")
    if transfer == "ignore" or space.transfer in ("linear", "unknown"):
        return
    curve = space.transfer
    raise SpaceError(
        f"{type(operator).__name__} averages light, but the values it is given are display-encoded "
        f"(transfer {curve!r}). Put linearise (curve: {curve!r}) before it and camera_response (curve: {curve!r}) "
        f"after it, or write 'transfer: ignore' to average encoded values on purpose."
    )
