"""From the numbers of a file to float32 values in [0, 1]."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from invsolve.errors import ChoiceNeeded, ReadError

Outside = Literal["refuse", "clip", "keep"]

# float16 rounding of a value near 1
ROUNDING: Final = 1e-3


def to_unit(
    array: npt.NDArray[np.generic], where: str, outside: Outside = "refuse", *, has_white: bool = False
) -> npt.NDArray[np.float32]:
    """Scale 8 and 16 bit integers by 1/255 and 1/65535; take floats as they are, if they lie in [0, 1].

    `outside` decides on floats outside of [0, 1]: ``refuse``, ``clip`` them, or ``keep`` them (a noisy
    observation). Excess within rounding (0.001) is always clipped, except with ``keep``. `has_white`: the reader
    has a field `white` for other numbers, which messages then advise.

    Raises:
        ReadError: naming `where`, for NaN, infinities, other number types, and for values refused.
    """
    if array.size == 0:
        raise ReadError(f"{where} is empty: its shape is {array.shape}.")
    if array.dtype == np.bool_:
        return array.astype(np.float32)
    highest = {"uint8": 255, "uint16": 65535}.get(array.dtype.name)
    if highest is not None:
        # both are exact in float32, so that the quotient is rounded once
        return np.asarray(np.divide(array, np.float32(highest), dtype=np.float32))
    if not np.issubdtype(array.dtype, np.floating):
        way = "Write `white:` for the number that means 1, or store" if has_white else "Store"
        raise ChoiceNeeded(
            f"{where} holds numbers of type {array.dtype}. {way} 8 or 16 bit unsigned integers, or floats in [0, 1].",
            field="white",
        )
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ReadError(
            f"{where} holds {array.size - int(finite.sum())} NaN or infinite of {array.size} values, the first at"
            f" index {first}. Replace them: an observation must be finite."
        )
    values = array.astype(np.float32)
    least, most = float(values.min()), float(values.max())
    if outside == "keep" or (least >= 0 and most <= 1):
        return values
    if outside == "refuse" and (least < -ROUNDING or most > 1 + ROUNDING):
        way = "Write `white:` for the number that means 1," if has_white else "Scale them, or write"
        raise ChoiceNeeded(
            f"{where} has values in [{least:.4g}, {most:.4g}], expected [0, 1]. {way} `outside: keep` for a noisy"
            " observation, `outside: clip` to cut them off.",
            field="outside",
        )
    return values.clip(0, 1)
