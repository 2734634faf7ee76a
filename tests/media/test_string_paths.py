"""A string is a path, in Python as in a recipe, for whatever reads a file or a folder."""

from pathlib import Path

import attrs
import pytest

from invsolve.errors import ComponentError
from invsolve.plugin import Catalog

CATALOG = Catalog.discover()
READERS = [
    cls
    for kind in ("reader", "baseline")
    for entry in CATALOG.of_kind(kind)
    if "path" in attrs.fields_dict(cls := CATALOG.load_entry(entry)) and attrs.fields_dict(cls)["path"].type is Path
]


def test_there_are_several():
    assert {"image", "video", "frames"} <= {CATALOG.name_of(cls) for cls in READERS}


@pytest.mark.parametrize("cls", READERS, ids=lambda cls: cls.__name__)
def test_a_string_is_a_path_and_a_number_is_none(cls):
    assert cls(path="somewhere/file").path == Path("somewhere/file")
    with pytest.raises(ComponentError, match="a path must be a string or a Path, got 5"):
        cls(path=5)
