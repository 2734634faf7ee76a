"""Arguments of a class of deepinv, from what a recipe can write."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from invsolve.arrays import load_array
from invsolve.errors import ComponentError, did_you_mean
from invsolve_deepinv.library import library

Plain: TypeAlias = Mapping[str, Any]

FILTERS: Final = ("gaussian_blur", "bilinear_filter", "bicubic_filter", "sinc_filter")
"""Functions of `deepinv.physics.functional` that a recipe may call, as ``{make: gaussian_blur, sigma: 1.0}``."""

ELSEWHERE: Final = {
    "noise_model": "the noise is a part of its own: write the recipe's `noise:`",
    "sensor_model": "what a sensor does is an operator of its own, such as quantise or camera_response",
    "device": "the device is that of the observation",
    "dtype": "the precision is that of the observation",
    "rng": "random parts are drawn with the field `seed`",
}


def plain(given: Any) -> Any:
    """The converter of a field: lists and tuples as tuples, arrays as nested tuples, so that values compare."""
    if isinstance(given, Mapping):
        return {str(key): plain(value) for key, value in given.items()}
    if isinstance(given, Tensor | np.ndarray):
        return plain(given.tolist())
    if isinstance(given, list | tuple):
        return tuple(plain(item) for item in given)
    return given


def paths(given: Any) -> Any:
    """The converter of a field of files: strings as paths."""
    if isinstance(given, Mapping):
        return {str(key): Path(value) if isinstance(value, str) else value for key, value in given.items()}
    return given


def check_names(cls: type[Any], names: Mapping[str, Any]) -> None:
    """Raise `ComponentError` for an argument that the class, or those it derives from, do not name.

    deepinv's own classes take any keyword; a misspelt one would be ignored.
    """
    for name in names:
        if name in ELSEWHERE:
            raise ComponentError(f"{cls.__name__}.{name} is not given here: {ELSEWHERE[name]}.")
    known = parameters(cls)
    for name in names:
        if name not in known:
            raise ComponentError(
                f"deepinv's {cls.__name__} has no argument {name!r}.{did_you_mean(name, known)} "
                f"Arguments: {', '.join(sorted(known - set(ELSEWHERE)))}."
            )


def built(arguments: Plain, files: Mapping[str, Path]) -> dict[str, Any]:
    """The arguments as deepinv takes them.

    Nested lists become float32 tensors, flat ones stay tuples; ``{make: gaussian_blur, ...}`` is a filter of deepinv,
    of which a single ``sigma`` is that of both axes. Files hold arrays. A ``filter`` of two axes ``h w`` gets the axes
    of batch and channel that deepinv wants.

    Raises:
        ComponentError: for what has no meaning here and for a name that is given twice.
        ReadError: for a file that cannot be read.
    """
    twice = sorted(set(arguments) & set(files))
    if twice:
        raise ComponentError(f"{', '.join(twice)} is given both in `arguments` and in `files`; leave one out.")
    made = {name: _built(name, value) for name, value in arguments.items()}
    made |= {name: torch.from_numpy(load_array(path)).float() for name, path in files.items()}
    if isinstance(made.get("filter"), Tensor) and made["filter"].ndim == 2:
        made["filter"] = made["filter"][None, None]
    return made


def parameters(cls: type[Any]) -> set[str]:
    """The arguments that a class names, and those that it hands on to the classes it derives from."""
    named: set[str] = set()
    for each in cls.__mro__:
        if "__init__" in vars(each) and each.__module__.startswith("deepinv."):
            parameters = inspect.signature(vars(each)["__init__"]).parameters.values()
            named |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break  # what it does not name it does not hand on
    return named - {"self"}


def _built(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _filter(name, value)
    if isinstance(value, tuple) and any(isinstance(item, tuple) for item in value):
        try:
            return torch.tensor(value, dtype=torch.float32)
        except (TypeError, ValueError) as error:
            raise ComponentError(f"arguments.{name} is not an array of numbers: {error}.") from None
    return value


def _filter(name: str, value: Mapping[str, Any]) -> Any:
    function = value.get("make")
    if function not in FILTERS:
        hint = did_you_mean(function, FILTERS) if isinstance(function, str) else ""
        raise ComponentError(
            f"arguments.{name} as a mapping makes a filter: {{make: gaussian_blur, sigma: 1.0}}, with make one of "
            f"{', '.join(FILTERS)}; got {function!r}.{hint}"
        )
    call = getattr(library().physics.functional, function)
    given = {key: item for key, item in value.items() if key != "make"}
    known = set(inspect.signature(call).parameters) - {"device"}
    for key in given:
        if key not in known:
            raise ComponentError(f"{function} has no argument {key!r}.{did_you_mean(key, known)}")
    if function == "gaussian_blur" and isinstance(given.get("sigma"), int | float):
        given["sigma"] = (given["sigma"], given["sigma"])  # deepinv takes one number for a filter of one axis
    try:
        return call(**given)
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise ComponentError(f"arguments.{name}: deepinv's {function} refuses {given}: {error}") from error
