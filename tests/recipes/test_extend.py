"""A recipe that extends another one is that recipe with changes; every value keeps the place where it was written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invsolve.recipe.extend import merge, read_extended
from invsolve.recipe.fault import Faulty
from invsolve.recipe.node import Origin, Table, from_plain, plain

HERE = Origin(0, "r.yaml")
TABLES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
        lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


def merged(base: dict, change: dict) -> dict:
    one, two = from_plain(base, HERE), from_plain(change, HERE)
    assert isinstance(one, Table)
    assert isinstance(two, Table)
    return plain(merge(one, two))


def without_nulls(data: object) -> object:
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    return data


@given(TABLES)
def test_laid_over_nothing_a_recipe_is_itself_without_its_nulls(table: dict) -> None:
    assert merged({}, table) == without_nulls(table)


@given(TABLES)
def test_nothing_laid_over_a_recipe_changes_nothing(table: dict) -> None:
    assert merged(table, {}) == table


@given(TABLES, TABLES)
def test_the_same_change_twice_is_the_change_once(base: dict, change: dict) -> None:
    once = merged(base, change)
    assert merged(once, change) == once


@given(TABLES, TABLES)
def test_what_the_change_says_stands(base: dict, change: dict) -> None:
    """Every value of the change is in the result, and everything it sets to null is not."""

    def stands(result: dict, wanted: dict) -> bool:
        given = {key: value for key, value in wanted.items() if value is not None}
        same = all(stands(result[k], v) if isinstance(v, dict) else result[k] == v for k, v in given.items())
        return same and not set(result) & (set(wanted) - set(given))

    assert stands(merged(base, change), change)


@given(TABLES, TABLES)
def test_what_the_change_does_not_mention_stays(base: dict, change: dict) -> None:
    result = merged(base, change)
    assert {key: result[key] for key in base if key not in change} == {k: v for k, v in base.items() if k not in change}


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / f"{next(iter(texts))}.yaml"


def faults(path: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        read_extended(path)
    return [str(fault).replace(f"{path.parent}/", "") for fault in caught.value.faults]


def test_a_chain_of_three_merges_from_the_far_end(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        c="recipe: 1\nextends: b.yaml\nsampler: {steps: 3}\nnoise: null\n",
        b="recipe: 1\nextends: a.yaml\nsampler: {steps: 2, scale: 2}\noperator: [{use: y}]\n",
        a="recipe: 1\nname: a\nsampler: {use: s, steps: 1, eta: 1}\nnoise: {use: n}\noperator: [{use: x}, {use: z}]\n",
    )
    table = read_extended(path)
    assert plain(table) == {
        "recipe": 1,
        "sampler": {"use": "s", "steps": 3, "eta": 1, "scale": 2},
        "operator": [{"use": "y"}],
    }
    sampler = table.get("sampler")
    assert isinstance(sampler, Table)
    origins = {key: str(entry.key_origin).replace(f"{tmp_path}/", "") for key, entry in sampler.entries.items()}
    assert origins == {"use": "a.yaml:3:11", "eta": "a.yaml:3:29", "steps": "c.yaml:3:11", "scale": "b.yaml:3:21"}


def test_the_parent_is_looked_for_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "base.yaml").write_text("recipe: 1\nseed: 1\n")
    (tmp_path / "deep" / "middle.yaml").write_text("recipe: 1\nextends: ../base.yaml\n")
    (tmp_path / "top.yaml").write_text("recipe: 1\nextends: deep/middle.yaml\n")
    assert plain(read_extended(tmp_path / "top.yaml")) == {"recipe": 1, "seed": 1}


def test_circles_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, a="extends: b.yaml", b="extends: ./c.yaml", c="extends: b.yaml")
    expected = "c.yaml:1:10: extends: recipes extend each other in a circle: b.yaml -> c.yaml -> b.yaml."
    assert faults(path) == [expected]


def test_a_recipe_does_not_extend_itself(tmp_path: Path) -> None:
    path = write(tmp_path, a="extends: a.yaml")
    assert faults(path) == ["a.yaml:1:10: extends: recipes extend each other in a circle: a.yaml -> a.yaml."]


def test_a_missing_parent_is_reported_where_it_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, a="recipe: 1\nextends: bass.yaml", base="recipe: 1")
    assert faults(path) == ["a.yaml:2:10: extends: 'bass.yaml': there is no such file. Did you mean 'base.yaml'?"]


def test_a_fault_in_the_parent_points_into_the_parent(tmp_path: Path) -> None:
    path = write(tmp_path, a="recipe: 1\nextends: b.yaml", b="recipe: 1\nseed: 1\nseed: 2\n")
    assert faults(path) == ["b.yaml:3:1: seed: duplicate key; it stands first at b.yaml:2:1."]


@pytest.mark.parametrize("value", ["[a.yaml, b.yaml]", "{a: b}", "3"])
def test_there_is_one_parent(tmp_path: Path, value: str) -> None:
    path = write(tmp_path, a=f"recipe: 1\nextends: {value}")
    assert "a.yaml:2:10: extends: expected the file name of one recipe, got" in faults(path)[0]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("2", "upgrade invsolve to read it."),
        ("'1'", "write `recipe: 1`."),
        ("true", "write `recipe: 1`."),
        ("1.0", "write"),
    ],
)
def test_the_version_is_checked_in_every_file(tmp_path: Path, value: str, hint: str) -> None:
    path = write(tmp_path, a="recipe: 1\nextends: b.yaml", b=f"recipe: {value}")
    (fault,) = faults(path)
    assert fault.startswith("b.yaml:1:9: recipe: recipe format ")
    assert hint in fault
