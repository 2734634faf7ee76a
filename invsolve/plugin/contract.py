"""The constructor contract: what a class must be so that recipes can build it and print it back."""

import inspect
from importlib import import_module
from typing import Any, Final, get_origin

import attrs

from invsolve.plugin.open_kind import OpenKind

BASES: Final[dict[str, str]] = {
    "operator": "invsolve.operator:Operator",
    "prior": "invsolve.prior:Prior",
    "sampler": "invsolve.sampler:Sampler",
    "guidance": "invsolve.sampler:Guidance",
    "kernel": "invsolve.sampler:Kernel",
    "noise": "invsolve.noise:Noise",
    "schedule": "invsolve.schedule:Schedule",
    "flow": "invsolve.motion.optical_flow:Flow",
    "metric": "invsolve.metrics:Metric",
    "baseline": "invsolve.baselines:Baseline",
    "reader": "invsolve.media:Reader",
    "weights": "invsolve.prior.weights:Weights",
    "task": "invsolve.training:Task",
    "recipe_form": "invsolve.recipe.recipe_form:RecipeForm",
}
"""The abstract class of each of the core's kinds. A command has none: it is a function."""

RESERVED: Final = frozenset({"use", "read"})
"""Recipe keys that name the component itself, and so cannot be fields of it."""


def base_of(kind: str) -> type[Any]:
    """The abstract class that components of this kind derive from."""
    module, _, name = (kind.base if isinstance(kind, OpenKind) else BASES[kind]).partition(":")
    base: type[Any] = getattr(import_module(module), name)
    return base


def recipe_key(field: str) -> str:
    """An attrs field's name as recipes write it: `from_` is `from`."""
    return field.removesuffix("_")


def violations(kind: str, target: object) -> list[str]:
    """Every way in which `target` breaks the contract of its kind, one sentence each; empty if none."""
    if kind == "command":
        return [] if callable(target) else [f"a command must be a function, got {target!r}."]
    if not isinstance(target, type):
        return [f"its target must be a class, got {target!r}."]
    base = base_of(kind)
    problems = []
    if not issubclass(target, base):
        problems.append(f"{target.__name__} must derive from {base.__module__.split('.')[0]}.{base.__name__}.")
    if inspect.isabstract(target):
        missing = ", ".join(sorted(getattr(target, "__abstractmethods__", ())))
        problems.append(f"{target.__name__} is abstract: define {missing}.")
    if "__attrs_attrs__" not in vars(target) or not attrs.inspect(target).is_frozen:
        problems.append(f"{target.__name__} must be decorated with `@attrs.frozen`.")
    if kind == "guidance" and issubclass(target, base):
        problems += _returns(target)
    return problems + _constructor(target) + _fields(target)


def _returns(cls: type[Any]) -> list[str]:
    """Rules once returned ``(z, info)``; what says so would only fail in the middle of a run."""
    returned = inspect.signature(cls.step).return_annotation
    if not (returned is tuple or get_origin(returned) is tuple or str(returned).startswith("tuple")):
        return []
    return [
        f"{cls.__name__}.step returns a tuple; return Guided(z, prediction, info), with the prediction that was given "
        "to the kernel, or None."
    ]


def _constructor(cls: type[Any]) -> list[str]:
    try:
        parameters = inspect.signature(cls).parameters.values()
    except ValueError:  # a class written in C has none; that it is not an attrs class is reported elsewhere
        return []
    return [
        f"{cls.__name__} takes `{parameter}`; a component names every field, so that a misspelt one is an error."
        for parameter in parameters
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


def _fields(cls: type[Any]) -> list[str]:
    if not attrs.has(cls):
        return []
    problems = []
    for field in attrs.fields(cls):
        where = f"field {field.name!r} of {cls.__name__}"
        if field.type is None:
            problems.append(f"{where} has no type annotation.")
        if not field.init:
            if field.repr or field.eq:
                problems.append(f"{where} is not in the constructor: give it `repr=False, eq=False`.")
        elif recipe_key(field.name) in RESERVED:
            problems.append(f"{where} has a name that recipes keep for themselves; call it something else.")
        elif field.name.startswith("_"):
            problems.append(f"{where} is private, and recipes must be able to name it.")
    return problems
