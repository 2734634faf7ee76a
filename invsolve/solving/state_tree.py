"""Sampler states as flat named tensors and a JSON skeleton, and back."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import attrs
import torch
from torch import Tensor

from invsolve.errors import ComponentError

Skeleton = Any  # JSON: a leaf's name, a number, null, or {"kind": ..., "items": ...}


def flatten(state: object, prefix: str, tensors: dict[str, Tensor]) -> Skeleton:
    """Put the tensors of `state` into `tensors` under names that begin with `prefix`; return the skeleton.

    Raises:
        ComponentError: for anything but tensors, numbers, strings, None, tuples, lists, dicts and attrs classes.
    """
    if isinstance(state, Tensor):
        tensors[prefix] = state.detach().to("cpu", copy=True).contiguous()
        return {"kind": "tensor", "name": prefix}
    if state is None or isinstance(state, bool | int | float | str):
        return {"kind": "value", "value": state}
    if isinstance(state, tuple | list):
        return {"kind": "tuple", "items": [flatten(item, f"{prefix}.{i}", tensors) for i, item in enumerate(state)]}
    if isinstance(state, dict):
        named = {str(key): flatten(item, f"{prefix}.{key}", tensors) for key, item in state.items()}
        return {"kind": "dict", "items": named}
    if attrs.has(kind := type(state)):
        named = {
            field.name: flatten(getattr(state, field.name), f"{prefix}.{field.name}", tensors)
            for field in attrs.fields(kind)
        }
        return {"kind": "attrs", "items": named}
    raise ComponentError(
        f"a sampler's state holds a {type(state).__name__}, which a checkpoint cannot keep; use tensors, numbers, "
        "tuples, dicts or an attrs class of these."
    )


def restore(skeleton: Skeleton, tensors: dict[str, Tensor], template: object, device: torch.device) -> Any:
    """Rebuild a state; `template`, the sampler's initial state, gives the attrs classes."""
    kind = skeleton["kind"]
    if kind == "tensor":
        return tensors[skeleton["name"]].to(device)
    if kind == "value":
        return skeleton["value"]
    items = skeleton["items"]
    if kind == "tuple":
        known = list(template) if isinstance(template, tuple | list) and template else [None]
        # a tuple may have grown or shrunk since the start, such as one of candidates; what it holds is of one kind then
        templates = (known + known[-1:] * len(items))[: len(items)]
        return tuple(restore(item, tensors, part, device) for item, part in zip(items, templates, strict=True))
    if kind == "dict":
        named = template if isinstance(template, dict) else {}
        return {key: restore(item, tensors, named.get(key), device) for key, item in items.items()}
    fields = {key: restore(item, tensors, getattr(template, key), device) for key, item in items.items()}
    return type(template)(**fields)


def combined(states: Sequence[Any], combine: Callable[[list[Tensor]], Tensor]) -> Any:
    """One state of several of the same kind, tensor by tensor; all else is the first's."""
    first = states[0]
    if isinstance(first, Tensor):
        return combine(list(states))
    if isinstance(first, tuple):
        return tuple(combined(parts, combine) for parts in zip(*states, strict=True))
    if isinstance(first, dict):
        return {name: combined([state[name] for state in states], combine) for name in first}
    kind: Any = type(first)
    if attrs.has(kind):
        return kind(
            **{name: combined([getattr(each, name) for each in states], combine) for name in _field_names(kind)}
        )
    return first


def tensors_of(state: object) -> list[Tensor]:
    """All floating-point tensors of a state."""
    if isinstance(state, Tensor):
        return [state] if state.is_floating_point() else []
    if state is None or isinstance(state, int | float | str):
        return []
    if isinstance(state, tuple | list):
        parts = list(state)
    elif isinstance(state, dict):
        parts = list(state.values())
    else:
        kind: Any = type(state)
        parts = [getattr(state, name) for name in _field_names(kind)]
    return [tensor for part in parts for tensor in tensors_of(part)]


@lru_cache(maxsize=256)
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else ()
