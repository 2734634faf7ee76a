"""`Row`: the condition of one video as plain data, with as many axes as the prior was trained with."""

from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from invsolve.arrays import Matrix, Vector, Video, array_of, nested_of
from invsolve.errors import ComponentError

Row: TypeAlias = Path | Vector | Matrix | Video
AXES: Final = (1, 2, 4)  # v, t v, c t h w


def row(given: Any) -> Row | None:
    """None and a path as they are; anything else as numbers ``v``, ``t v`` or ``c t h w``."""
    if given is None:
        return None
    if isinstance(given, str | Path):
        return Path(given)
    data = given.detach().cpu().numpy() if isinstance(given, Tensor) else given
    try:
        axes = np.ndim(data)
    except ValueError as error:
        raise ComponentError(f"a condition must hold numbers, in rows of equal length: {error}.") from None
    if axes not in AXES:
        raise ComponentError(
            f"the condition of one video has the axes v, t v or c t h w, without the batch; got {axes} axes."
        )
    made: Row = nested_of(data, axes)
    return made


def row_or_number(given: Any) -> Row | float | None:
    """One number as it is, for every element of the condition; anything else as `row` takes it."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    return row(given)


def tensor_of(kept: Row, name: str) -> Tensor:
    """The numbers behind a row in float64; `name` is the field."""
    return torch.from_numpy(array_of(kept, name, None))
