"""`cast`: a module of deepinv in another precision and on another device, down to what it keeps outside of buffers."""

from typing import Any, Final

import torch
from torch import Tensor, nn

_COMPLEX: Final = {torch.float32: torch.complex64, torch.float64: torch.complex128}
_OWN: Final = frozenset({"_parameters", "_buffers", "_modules", "training"})


def cast(module: Any, dtype: torch.dtype, device: torch.device) -> Any:
    """`module`, changed in place: real numbers have `dtype`, complex ones its counterpart.

    torch's own ``module.to(dtype)`` makes complex buffers real, and passes over tensors, types and modules that are
    plain attributes or stand in lists, as in deepinv's tomography and compressed sensing.
    """
    _cast_module(module, dtype, device, set())
    return module


def _cast_module(module: nn.Module, dtype: torch.dtype, device: torch.device, seen: set[int]) -> None:
    if id(module) in seen:
        return
    seen.add(id(module))
    for parameter in module._parameters.values():
        if parameter is not None:
            parameter.data = _moved(parameter.data, dtype, device)
    for name, buffer in module._buffers.items():
        if buffer is not None:
            module._buffers[name] = _moved(buffer, dtype, device)
    for child in module._modules.values():
        if child is not None:
            _cast_module(child, dtype, device, seen)
    for name, value in list(vars(module).items()):
        if name not in _OWN and not name.endswith("_hooks"):
            vars(module)[name] = _cast_value(value, dtype, device, seen)


def _cast_value(value: Any, dtype: torch.dtype, device: torch.device, seen: set[int]) -> Any:
    if isinstance(value, Tensor):
        return _moved(value, dtype, device)
    if isinstance(value, torch.dtype):
        return _type(value, dtype)
    if isinstance(value, nn.Module):
        _cast_module(value, dtype, device, seen)
        return value
    if type(value) in (list, tuple):
        return type(value)(_cast_value(item, dtype, device, seen) for item in value)
    if type(value) is dict:
        return {key: _cast_value(item, dtype, device, seen) for key, item in value.items()}
    return value


def _moved(tensor: Tensor, dtype: torch.dtype, device: torch.device) -> Tensor:
    return tensor.to(device=device, dtype=_type(tensor.dtype, dtype))


def _type(found: torch.dtype, dtype: torch.dtype) -> torch.dtype:
    if found.is_complex:
        return _COMPLEX[dtype]
    return dtype if found.is_floating_point else found
