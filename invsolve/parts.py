"""Walk through a component and the components inside it."""

from collections.abc import Iterator

import attrs


def parts_of(*parts: object) -> Iterator[object]:
    """Each of `parts`, then what its fields, tuples and lists hold, depth first."""
    for part in parts:
        yield part
        if isinstance(part, tuple | list):
            yield from parts_of(*part)
        elif attrs.has(kind := type(part)):
            yield from parts_of(*(getattr(part, field.name) for field in attrs.fields(kind)))
