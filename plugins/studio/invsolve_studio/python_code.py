"""`python_code`: a recipe as a Python script that does the same run."""

import math
from collections.abc import Mapping, Set
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.operator.pipeline import LinearPipeline, Pipeline
from invsolve.recipe import Recipe
from invsolve.recipe.fields import default_of, recipe_fields

_SCRIPT: Final = '''"""Made by invsolve studio: put it beside your file and run it."""

{imports}

recipe = {recipe}
task = Task.prepare(recipe)
done = execute(task, RunFolder.create(Path("runs"), recipe.name, recipe.hash8))
print(done.folder.path, done.solution.message, done.values, sep="\\n")
'''
_ALWAYS: Final = (
    ("pathlib", "Path"),
    ("invsolve.recipe", "Recipe"),
    ("invsolve.record.execution", "Task"),
    ("invsolve.record.execution", "execute"),
    ("invsolve.record.run_folder", "RunFolder"),
)
INDENT: Final = "    "
WIDTH: Final = 90


def python_code(recipe: Recipe, home: Path) -> str:
    """A script that builds `recipe` without YAML and runs it.

    Fields with their default values are left out. Files in the folder `home` are named without it.

    Raises:
        TypeError: For a value that no recipe could hold.
    """
    code = _Code(home.absolute())
    return _SCRIPT.format(recipe=code.value(recipe, 0), imports=code.import_lines())


@final
@attrs.define
class _Code:
    folder: Path
    imports: set[tuple[str, str]] = attrs.field(factory=lambda: set(_ALWAYS))

    def value(self, value: Any, depth: int) -> str:
        """`value` as an expression that begins `depth` levels in."""
        if isinstance(value, Pipeline | LinearPipeline):
            self.imports.add(("invsolve", "pipeline"))
            return self._call("pipeline", [("", part) for part in value.operators], depth)
        if attrs.has(type(value)):
            return self._component(value, depth)
        if isinstance(value, Mapping | Set | tuple | list):
            return self._container(value, depth)
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        match value:
            case Enum():
                return f"{self._imported(type(value))}.{value.name}"
            case Path():
                own = value.relative_to(self.folder) if value.is_relative_to(self.folder) else value
                return f"Path({str(own)!r})"
            case float() if not math.isfinite(value):
                return f"float({str(value)!r})"
            case None | bool() | int() | float() | str():
                return repr(value)
        raise TypeError(f"{type(value).__name__} cannot be written as Python")

    def _container(self, value: Any, depth: int) -> str:
        if isinstance(value, Mapping):
            pairs = [f"{key!r}: {self.value(item, depth + 1)}" for key, item in value.items()]
            return self._wrapped("{", pairs, "}", depth)
        if isinstance(value, Set):
            return f"frozenset({self.value(sorted(value, key=repr), depth)})"
        items = [self.value(item, depth + 1) for item in value]
        if isinstance(value, list):
            return self._wrapped("[", items, "]", depth)
        return f"({items[0]},)" if len(items) == 1 else self._wrapped("(", items, ")", depth)

    def import_lines(self) -> str:
        by_module: dict[str, list[str]] = {}
        for module, name in sorted(self.imports):
            by_module.setdefault(module, []).append(name)
        own = {module: names for module, names in by_module.items() if module.startswith("invsolve")}
        others = {module: names for module, names in by_module.items() if module not in own}
        return "\n\n".join(_lines(group) for group in (others, own))

    def _component(self, value: Any, depth: int) -> str:
        given = []
        for field in recipe_fields(type(value)):
            stated = getattr(value, field.attribute.name)
            default = default_of(field.attribute)
            if default is attrs.NOTHING or default != stated:
                given.append((field.argument, stated))
        return self._call(self._imported(type(value)), given, depth)

    def _call(self, name: str, arguments: list[tuple[str, Any]], depth: int) -> str:
        items = [
            f"{key}={self.value(item, depth + 1)}" if key else self.value(item, depth + 1) for key, item in arguments
        ]
        return self._wrapped(f"{name}(", items, ")", depth)

    def _wrapped(self, opening: str, items: list[str], closing: str, depth: int) -> str:
        short = f"{opening}{', '.join(items)}{closing}"
        if len(short) + depth * len(INDENT) <= WIDTH and "\n" not in short:
            return short
        lines = "".join(f"{INDENT * (depth + 1)}{item},\n" for item in items)
        return f"{opening}\n{lines}{INDENT * depth}{closing}"

    def _imported(self, cls: type[Any]) -> str:
        parts = cls.__module__.split(".")
        packages = (".".join(parts[:length]) for length in range(1, len(parts)))
        public = (package for package in packages if getattr(import_module(package), cls.__name__, None) is cls)
        self.imports.add((next(public, cls.__module__), cls.__name__))
        return cls.__name__


def _lines(by_module: dict[str, list[str]]) -> str:
    return "\n".join(f"from {module} import {', '.join(names)}" for module, names in sorted(by_module.items()))
