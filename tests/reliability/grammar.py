"""`Grammar`: recipes made of the JSON schema of what is installed, so that new components are tried by themselves."""

from collections.abc import Sequence
from typing import Any, Final, final

import attrs
import numpy as np

from tests.reliability import wild

SENSIBLE: Final[dict[str, tuple[Any, ...]]] = {
    "integer": (0, 1, 2, 3, 4, 8),
    "number": (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 4),
    "boolean": (True, False),
    "null": (None,),
}
DEEPEST: Final = 5
OPTIONAL: Final = 0.2  # how often a field that need not be given is given


@final
@attrs.frozen
class Grammar:
    """Draws instances of a JSON schema.

    Attributes:
        schema: of a recipe.
        files: names of files to be found, for fields that name one.
        wildness: how often a value is one that the schema does not allow.
    """

    schema: dict[str, Any]
    files: Sequence[str]
    wildness: float = 0.03

    def component(self, kind: str, random: np.random.Generator) -> Any:
        """Any component of this kind, with any fields."""
        return self.instance({"$ref": f"#/$defs/{kind}"}, random)

    def instance(self, schema: dict[str, Any], random: np.random.Generator, depth: int = 0) -> Any:
        """A value that the schema allows, but for its wild parts."""
        if random.random() < self.wildness:
            return wild.anything(random)
        if "$ref" in schema:
            return self.instance(self.schema["$defs"][schema["$ref"].rpartition("/")[2]], random, depth)
        arms = schema.get("oneOf") or schema.get("anyOf")
        if arms:
            return self.instance(self._arm(arms, random, depth), random, depth)
        words = [schema["const"]] if "const" in schema else schema.get("enum")
        if words:
            return words[int(random.integers(len(words)))]
        if "default" in schema and random.random() < 0.3:
            return schema["default"]
        return self._typed(schema, random, depth)

    def _arm(self, arms: list[dict[str, Any]], random: np.random.Generator, depth: int) -> dict[str, Any]:
        fitting = [arm for arm in arms if arm.get("title") != "changes"] or arms
        if depth >= DEEPEST:
            fitting = [arm for arm in fitting if "enum" in arm or arm.get("type") == "null"] or fitting
        return fitting[int(random.integers(len(fitting)))]

    def _typed(self, schema: dict[str, Any], random: np.random.Generator, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "number")
        if isinstance(kind, list):
            kind = kind[int(random.integers(len(kind)))]
        if kind == "object":
            return self._mapping(schema, random, depth)
        if kind == "array":
            return self._list(schema, random, depth)
        if kind == "string":
            return self.files[int(random.integers(len(self.files)))]
        values = SENSIBLE[kind]
        return values[int(random.integers(len(values)))]

    def _mapping(self, schema: dict[str, Any], random: np.random.Generator, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        made = {}
        for key, field in schema.get("properties", {}).items():
            if key in required or (depth < DEEPEST and random.random() < OPTIONAL):
                made[key] = self.instance(field, random, depth + 1)
        return made

    def _list(self, schema: dict[str, Any], random: np.random.Generator, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.instance(each, random, depth + 1) for each in schema["prefixItems"]]
        items = schema.get("items") or {}
        return [self.instance(items, random, depth + 1) for _ in range(int(random.integers(0, 4)))]
