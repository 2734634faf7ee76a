"""`pickled_network`: the parameters of EDM's pickles, of which no code is run."""

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
from torch import Tensor
from torch._utils import _rebuild_tensor_v2

from invsolve.errors import ReadError

PERSISTENT: Final = ("torch_utils.persistence", "_reconstruct_persistent_obj")


@final
class Inert:
    """What stands for any object of a file whose class is not trusted: it keeps what it is given, and does nothing.

    Args:
        origin: module and name of the class that the file asks for.
    """

    def __init__(self, origin: str, arguments: tuple[Any, ...]) -> None:
        self.origin = origin
        self.arguments = arguments
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.state.update(state)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.state[key] = value

    def append(self, item: Any) -> None:
        """Taken and forgotten."""

    def extend(self, items: Any) -> None:
        """Taken and forgotten."""


@final
@attrs.frozen(eq=False)
class PickledNetwork:
    """What a pickle says of a network.

    Attributes:
        kind: the name of its class.
        arguments: that it was made with.
        tensors: parameters and buffers by their names.
        beside: the other entries of the file, such as the encoder.
    """

    kind: str
    arguments: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    beside: Mapping[str, Mapping[str, Any]]


def pickled_network(path: Path) -> PickledNetwork:
    """The network ``ema`` of a pickle of EDM or EDM2.

    The file holds the source of its classes, which their authors' loader executes. Here the reader knows how to put
    tensors and arrays together, from bytes; every other class is replaced by an `Inert` object, and the source is
    dropped unread.

    Raises:
        ReadError: for a file that is no such pickle.
    """
    try:
        with path.open("rb") as stream:
            content = _Reader(stream).load()
    except FileNotFoundError as error:
        raise ReadError(f"there is no file {path}.") from error
    except Exception as error:  # a pickle is a program, and may fail in any way
        raise ReadError(f"{path} is not a pickle that can be read ({type(error).__name__}: {error}).") from error
    entries = content.state if isinstance(content, Inert) else content
    network = entries.get("ema") if isinstance(entries, dict) else None
    if not isinstance(network, Inert) or "_modules" not in network.state:
        raise ReadError(f"{path} is no checkpoint of EDM: it holds no network under the name 'ema'.")
    beside = {str(key): value.state for key, value in entries.items() if isinstance(value, Inert) and key != "ema"}
    return PickledNetwork(
        kind=network.origin,
        arguments=dict(_mapping(network.state.get("_init_kwargs"))),
        tensors=dict(_tensors(network.state)),
        beside=beside,
    )


@final
class _Reader(pickle.Unpickler):
    """An unpickler that imports nothing that a file asks for."""

    def find_class(self, module: str, name: str) -> Any:
        """A trusted function, or one that makes an `Inert` object."""
        if (module, name) == PERSISTENT:
            return _persistent
        trusted = _TRUSTED.get((module, name))
        return trusted if trusted is not None else _inert(f"{module}.{name}")


def _inert(origin: str) -> Callable[..., Inert]:
    # a class of its own, for pickles call both a class and its __new__
    def new(cls: type, *arguments: Any, **_: Any) -> Inert:
        del cls
        return Inert(origin, arguments)

    return type("Stand", (), {"__new__": new})


def _persistent(meta: Any) -> Inert:
    said = _mapping(meta)
    made = Inert(str(said.get("class_name")), ())
    made.__setstate__(dict(_mapping(said.get("state"))))
    return made


def _mapping(found: Any) -> Mapping[str, Any]:
    """A dictionary, or what stands for one of a class of its own."""
    if isinstance(found, Inert):
        return found.state
    return found if isinstance(found, dict) else {}


def _storage(content: bytes) -> Any:
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _parameter(data: Tensor, *_: Any) -> Tensor:
    return data


def _array(kind: Any, shape: Any, code: Any) -> np.ndarray[Any, Any]:
    del kind, shape, code
    return np.ndarray((0,), dtype=np.int8)


def _from_buffer(content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray[Any, Any]:
    return np.frombuffer(content, dtype=dtype).reshape(shape, order=order)


_CORE: Final = ("numpy.core.multiarray", "numpy._core.multiarray")
_TRUSTED: Final[dict[tuple[str, str], Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch.storage", "_load_from_bytes"): _storage,
    **{(f"{module}.numeric", "_frombuffer"): _from_buffer for module in ("numpy.core", "numpy._core")},
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    **{(module, "_reconstruct"): _array for module in _CORE},
    **{(module, "scalar"): lambda dtype, raw: np.frombuffer(raw, dtype)[0] for module in _CORE},
}
"""Functions that put data together and do nothing else."""


def _tensors(state: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Tensor]]:
    passing = state.get("_non_persistent_buffers_set") or set()
    for group in ("_parameters", "_buffers"):
        for name, value in (state.get(group) or {}).items():
            if isinstance(value, Tensor) and name not in passing:
                yield f"{place}{name}", value.detach()
    for name, module in (state.get("_modules") or {}).items():
        if isinstance(module, Inert):
            yield from _tensors(module.state, f"{place}{name}.")
