"""Extension of a frame beyond its border, and its exact transpose."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Margins = tuple[int, int, int, int]  # pixels added at top, bottom, left, right

Border = Literal["circular", "reflect", "replicate", "zero", "valid"]


def least_size(border: Border, before: int, after: int) -> int:
    """The smallest size of an axis that the border's rule can extend by that much in one go."""
    return {"circular": max(before, after), "reflect": max(before, after) + 1}.get(border, 1)


def extend(x: Tensor, border: Border, margins: Margins) -> Tensor:
    """Extend the last two axes of abcd: ``circular`` cd|abcd|ab, ``reflect`` cb|abcd|cb, ``replicate``, ``zero``."""
    if border == "valid":
        return x
    top, bottom, left, right = margins
    if border == "zero":
        return F.pad(x, (left, right, top, bottom))
    return _extend(_extend(x, border, top, bottom, -2), border, left, right, -1)


def _extend(x: Tensor, border: Border, before: int, after: int, axis: int) -> Tensor:
    size = x.shape[axis]
    if border == "circular":
        parts = (x.narrow(axis, size - before, before), x, x.narrow(axis, 0, after))
    elif border == "reflect":
        parts = (x.narrow(axis, 1, before).flip(axis), x, x.narrow(axis, size - 1 - after, after).flip(axis))
    else:
        parts = (_repeat(x.narrow(axis, 0, 1), before, axis), x, _repeat(x.narrow(axis, size - 1, 1), after, axis))
    return torch.cat(parts, dim=axis)


def _repeat(line: Tensor, times: int, axis: int) -> Tensor:
    sizes = list(line.shape)
    sizes[axis] = times
    return line.expand(sizes)


def fold(y: Tensor, border: Border, margins: Margins) -> Tensor:
    """The transpose of `extend`: what was copied outwards is added back where it came from.

    Sums of slices instead of scattered additions, so that the result is the same in every run on every device.
    """
    if border == "valid":
        return y
    top, bottom, left, right = margins
    return _fold(_fold(y, border, left, right, -1), border, top, bottom, -2)


def _fold(y: Tensor, border: Border, before: int, after: int, axis: int) -> Tensor:
    size = y.shape[axis] - before - after
    x = y.narrow(axis, before, size)
    if border == "zero":
        return x
    head, tail = y.narrow(axis, 0, before), y.narrow(axis, before + size, after)
    if border == "circular":
        return x + _place(head, size - before, size, axis) + _place(tail, 0, size, axis)
    if border == "reflect":
        return x + _place(head.flip(axis), 1, size, axis) + _place(tail.flip(axis), size - 1 - after, size, axis)
    first, last = head.sum(axis, keepdim=True), tail.sum(axis, keepdim=True)
    return x + _place(first, 0, size, axis) + _place(last, size - 1, size, axis)


def _place(part: Tensor, start: int, size: int, axis: int) -> Tensor:
    """`part` in an axis of `size` zeros, from `start` on."""
    after = size - start - part.shape[axis]
    return F.pad(part, (start, after) if axis == -1 else (0, 0, start, after))
