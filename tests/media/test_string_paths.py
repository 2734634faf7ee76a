"""A string is a path, in Python as in a recipe, for whatever component reads a file or a folder."""

from pathlib import Path

import attrs
import pytest

from invsolve.errors import ComponentError
from invsolve.plugin import Catalog

CATALOG = Catalog.discover()
KINDS = (
    "reader",
    "baseline",
    "prior",
    "operator",
    "sampler",
    "guidance",
    "kernel",
    "flow",
    "weights",
    "metric",
    "task",
)
FIELDS = [
    (cls, field)
    for kind in KINDS
    for entry in CATALOG.of_kind(kind)
    if attrs.has(cls := CATALOG.load_entry(entry))
    for field in attrs.fields(cls)
    if field.init and field.type in (Path, Path | None)
]


def test_there_are_several():
    found = {f"{CATALOG.name_of(cls)}.{field.name}" for cls, field in FIELDS}
    assert {"image.path", "video.path", "frames.path", "stdit.file", "convolution.file", "mask.file"} <= found


@pytest.mark.parametrize(
    ("cls", "field"), FIELDS, ids=lambda each: getattr(each, "__name__", getattr(each, "name", ""))
)
def test_a_string_is_a_path_and_a_number_is_none(cls, field):
    assert field.converter is not None, f"{cls.__name__}({field.name}='...') would keep a string"
    convert = field.converter.converter if isinstance(field.converter, attrs.Converter) else field.converter
    assert convert("somewhere/file") == Path("somewhere/file")
    with pytest.raises(ComponentError, match="a path must be a string or a Path, got 5"):
        convert(5)
