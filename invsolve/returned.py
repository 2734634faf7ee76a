"""`check_tensor` and its like: what a part returned is what its contract says, looked at wherever the core takes it.

Shapes and types are compared, no numbers: a microsecond a call.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

import attrs
import torch
from torch import Tensor

from invsolve.blame import owner_of
from invsolve.errors import BrokenPlugin
from invsolve.parts import Part
from invsolve.validators import shown


def check_tensor(
    part: Part, method: str, value: object, shape: Sequence[int], dtype: torch.dtype, field: str = ""
) -> None:
    """Raise `BrokenPlugin` unless what `part` returned from `method` is a tensor of this shape and type.

    Args:
        field: which one of what it returned.
    """
    if not isinstance(value, Tensor):
        refuse(part, method, shown(value), f"a tensor of shape {tuple(shape)}", field)
    if value.shape != tuple(shape):
        refuse(part, method, str(tuple(value.shape)), str(tuple(shape)), field)
    if value.dtype != dtype:
        refuse(part, method, f"{value.dtype}", f"{dtype}, that of what it was given", field)


def check_instance(part: Part, method: str, value: object, wanted: type) -> None:
    """Raise `BrokenPlugin` unless what `part` returned from `method` is an instance of `wanted`."""
    if not isinstance(value, wanted):
        refuse(part, method, shown(value), wanted.__name__)


def check_state(part: Part, method: str, before: object, after: object) -> None:
    """Raise `BrokenPlugin` if a tensor of a state has become another thing, or a tensor of another type.

    A field of a state may become None: a sampler forgets what no later step reads.
    """
    if isinstance(before, Tensor):
        if not isinstance(after, Tensor):
            refuse(part, method, shown(after), "a tensor, as before", "a state ")
        if after.dtype != before.dtype:
            refuse(part, method, f"{after.dtype}", f"{before.dtype}, as before", "a state of ")
    elif attrs.has(kind := type(before)) and type(after) is kind:
        for name in (field.name for field in attrs.fields(kind)):
            if (later := getattr(after, name)) is not None:
                check_state(part, method, getattr(before, name), later)


def check_record(part: Part, method: str, record: object, count: int) -> None:
    """Raise `BrokenPlugin` unless `record` maps names to tensors of one number for each of `count` trajectories."""
    if not isinstance(record, Mapping):
        refuse(part, method, shown(record), "a mapping of names to numbers for each trajectory", "a record, ")
    for name, values in record.items():
        if not isinstance(values, Tensor) or values.shape != (count,):
            got = str(tuple(values.shape)) if isinstance(values, Tensor) else shown(values)
            refuse(part, method, got, f"a tensor of shape {(count,)}", f"{name!r} of its record as ")


def refuse(part: Part, method: str, got: str, expected: str, field: str = "") -> NoReturn:
    """Raise `BrokenPlugin`: `part` returned `got` from `method`, where its contract says `expected`."""
    kind = type(part)
    raise BrokenPlugin(f"{kind.__name__}.{method} of {owner_of(kind)} returned {field}{got}, expected {expected}.")
