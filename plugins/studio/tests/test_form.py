"""The form is the schema's: of what is installed, of a plugin that was made up a moment ago as well."""

from pathlib import Path
from typing import Any

import pytest

from invsolve.plugin import Catalog
from invsolve.recipe import schema_of
from invsolve.testing import pretend
from invsolve.testing.pretend import installed, manifest_of
from invsolve_studio.command_form import command_fields, file_parameter
from invsolve_studio.form import Field, Group, at, groups, having, plain_fields
from invsolve_studio.situation import SITUATIONS

FLICKER = '''
from typing import final
import attrs
from invsolve import LinearOperator

@final
@attrs.frozen
class Flicker(LinearOperator):
    """Dims every second frame.

    Attributes:
        depth: from 0 to below 1.
        first: whether the first is the dim one.
    """

    depth: float = 0.3
    first: bool = False

    def forward(self, x):
        return x

    def adjoint(self, y):
        return y
'''


@pytest.fixture(scope="module")
def schema() -> Any:
    return schema_of(Catalog.discover({"INVSOLVE_PLUGINS": "invsolve"}))


def group(found: tuple[Group, ...], *path: str) -> Group:
    return next(each for each in found if each.path == path)


def field(asked: Group, key: str) -> Field:
    return next(each for each in asked.fields if each.key == key)


def test_every_part_of_a_recipe_is_a_group_in_the_order_of_reading(schema: Any) -> None:
    found = groups(SITUATIONS["kernel"].recipe, schema)
    paths = [each.path for each in found]
    assert paths[:3] == [("operator",), ("noise",), ("prior",)]
    assert ("prior", "schedule") in paths
    assert paths.index(("sampler",)) < paths.index(("sampler", "guidance"))
    assert group(found, "sampler", "guidance").name == "exact"
    blur = group(found, "operator")
    assert "temporal_average" in blur.choices
    assert "Blur" in blur.about
    assert field(blur, "std").value == 2.0
    assert field(blur, "std").asked == "number"
    assert field(blur, "std").empty
    assert field(blur, "normalise").asked == "switch"
    assert field(blur, "kernel").choices == ("gaussian", "motion", "defocus", "camera_shake")
    assert field(blur, "border").value == "circular"
    assert field(blur, "values").asked == "data"
    assert "beyond the frame" in field(blur, "border").meaning


def test_lists_bare_names_and_what_is_left_out_are_parts_too(schema: Any) -> None:
    found = groups({"operator": [{"use": "linearise"}, "identity"], "prior": "spectral_gaussian"}, schema)
    assert [each.name for each in found if each.path[0] == "operator"] == ["linearise", "identity"]
    assert group(found, "operator", "1").path == ("operator", "1")
    assert group(found, "prior").name == "spectral_gaussian"
    assert group(found, "noise").name == "gaussian"
    assert group(found, "sampler").name == ""


def test_values_are_placed_and_taken_out_again() -> None:
    data = {"operator": [{"use": "a"}, {"use": "b", "x": 1}], "prior": "spectral_gaussian"}
    changed = having(data, ("operator", "1", "x"), 2)
    assert changed["operator"] == [{"use": "a"}, {"use": "b", "x": 2}]
    assert data["operator"][1] == {"use": "b", "x": 1}
    assert at(changed, ("operator", "1", "x")) == 2
    assert having(data, ("operator", "1", "x"), None)["operator"][1] == {"use": "b"}
    assert having(data, ("prior", "mean"), 0.5)["prior"] == {"use": "spectral_gaussian", "mean": 0.5}
    assert having({}, ("sampler", "kernel"), {"use": "ddim"}) == {"sampler": {"kernel": {"use": "ddim"}}}
    assert at(data, ("operator", "7", "x")) is None


def test_numbers_of_the_recipe_itself(schema: Any) -> None:
    fields = {each.key: each for each in plain_fields({"samples": 3}, schema)}
    assert (fields["samples"].asked, fields["samples"].value) == ("whole", 3)
    assert (fields["seed"].value, fields["dtype"].choices) == (0, ("float32", "float64"))


def test_a_plugin_of_a_stranger_appears_by_itself(tmp_path: Path) -> None:
    manifest = manifest_of(("operator", "flicker", "acme_flicker:Flicker"))
    with installed(tmp_path):
        pretend(tmp_path, "invsolve-acme", manifest=manifest, modules={"acme_flicker.py": FLICKER})
        schema = schema_of(Catalog.discover({"INVSOLVE_PLUGINS": "invsolve,acme"}))
        (operator, *_) = groups({"operator": {"use": "flicker", "depth": 0.5}}, schema)
    assert "flicker" in operator.choices
    assert operator.about == "Made for a test."
    depth, first = operator.fields
    assert (depth.key, depth.asked, depth.value, depth.meaning) == ("depth", "number", 0.5, "from 0 to below 1.")
    assert (first.key, first.asked, first.value) == ("first", "switch", False)


def restore(
    photo: Path, *, frames: int = 7, strength: float = 0.5, word: str | None = None, out: Path = Path("runs"),
    weights: Path | None = None, quiet: bool = False,
) -> None:  # fmt: skip
    """Restore.

    Parameters
    ----------
    photo
        The file.
    frames
        How many.
    weights
        A file of the server's.
    """


def test_options_of_a_command_are_asked_for_but_no_files() -> None:
    fields = {each.key: each for each in command_fields(restore)}
    assert list(fields) == ["frames", "strength", "word"]
    assert fields["frames"].meaning == "How many."
    assert fields["word"].empty
    assert file_parameter(restore) == "photo"
