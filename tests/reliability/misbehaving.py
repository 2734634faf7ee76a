"""`misbehaving`: a component of a plugin, right but for what one of its methods returns or raises."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import attrs
import torch
from torch import Tensor

Spoil = Callable[[Any], Any]


class OwnError(Exception):
    """An exception of the plugin's own."""


class Wordless(Exception):
    """An exception that cannot even be printed."""

    def __str__(self) -> str:
        raise ValueError("no words")


def _raising(error: Callable[[], BaseException]) -> Spoil:
    def spoil(_: Any) -> Any:
        raise error()

    return spoil


def _of_tensor(change: Callable[[Tensor], Any]) -> Spoil:
    """Changes a tensor, or the first one in a dictionary, tuple or object; anything else becomes None."""

    def spoil(right: Any) -> Any:
        if isinstance(right, Tensor):
            return change(right)
        if isinstance(right, tuple) and right:
            return (spoil(right[0]), *right[1:])
        if isinstance(right, dict) and right:
            return {**right, next(iter(right)): spoil(next(iter(right.values())))}
        if attrs.has(type(right)):
            held = {field.name: getattr(right, field.name) for field in attrs.fields(type(right))}
            first = next((name for name, value in held.items() if isinstance(value, Tensor)), None)
            return None if first is None else attrs.evolve(right, **{first: change(held[first])})
        return None

    return spoil


SPOILS: Final[dict[str, Spoil]] = {
    "returns None": lambda right: None,
    "returns a word": lambda right: "nothing",
    "returns a number": lambda right: 3,
    "returns an empty list": lambda right: [],
    "returns an empty dictionary": lambda right: {},
    "returns an object": lambda right: object(),
    "returns it in a tuple": lambda right: (right,),
    "returns a NumPy array": _of_tensor(lambda right: right.detach().numpy()),
    "returns an axis more": _of_tensor(lambda right: right[..., None]),
    "returns an axis less": _of_tensor(lambda right: right[0]),
    "returns a column more": _of_tensor(lambda right: torch.cat([right, right[..., :1]], dim=-1)),
    "returns a batch item more": _of_tensor(lambda right: torch.cat([right, right[:1]])),
    "returns nothing of each axis": _of_tensor(lambda right: right[..., :0]),
    "returns whole numbers": _of_tensor(lambda right: right.to(torch.int64)),
    "returns complex numbers": _of_tensor(lambda right: right.to(torch.complex64)),
    "returns double precision": _of_tensor(lambda right: right.double()),
    "returns NaN": _of_tensor(lambda right: right * float("nan")),
    "returns infinity": _of_tensor(lambda right: right / 0.0),
    "returns a tensor of no device": _of_tensor(lambda right: right.to("meta")),
    "returns words for keys": lambda right: {1: right, None: "high"},
    "raises ValueError": _raising(lambda: ValueError("bad value\nof two lines")),
    "raises KeyError": _raising(lambda: KeyError("missing")),
    "raises RuntimeError": _raising(lambda: RuntimeError("a" * 300_000)),
    "raises OSError": _raising(lambda: OSError(28, "No space left on device", "/somewhere")),
    "raises BrokenPipeError": _raising(lambda: BrokenPipeError(32, "Broken pipe")),
    "raises MemoryError": _raising(MemoryError),
    "raises RecursionError": _raising(RecursionError),
    "raises StopIteration": _raising(StopIteration),
    "raises GeneratorExit": _raising(GeneratorExit),
    "raises SystemExit": _raising(lambda: SystemExit(0)),
    "raises SystemExit with words": _raising(lambda: SystemExit("\x1b[31mleaving")),
    "raises an error of its own": _raising(lambda: OwnError("\x1b[2Jown\x07")),
    "raises an error without words": _raising(Wordless),
    "raises KeyboardInterrupt": _raising(KeyboardInterrupt),
}
HARMLESS: Final = ("returns double precision",)


def methods(base: type[Any]) -> tuple[str, ...]:
    """What an abstract class lets its components define, in the order of their names."""
    found = [name for name in dir(base) if not name.startswith("_")]
    return tuple(name for name in found if inspect.isfunction(inspect.getattr_static(base, name)))


def misbehaving(name: str, target: str, method: str, spoil: str) -> type[Any]:
    """The class `target` with one method spoilt, called `name`."""
    module, _, cls = target.partition(":")
    right = getattr(import_module(module), cls)
    honest = getattr(right, method)

    def spoilt(self: Any, *args: Any, **kwargs: Any) -> Any:
        return SPOILS[spoil](honest(self, *args, **kwargs))

    return attrs.frozen(eq=False)(type(name, (right,), {method: spoilt, "__doc__": "Made for a test."}))
