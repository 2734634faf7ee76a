"""The difference of two recipes, path by path."""

from hypothesis import given
from hypothesis import strategies as st

from invsolve.recipe import differences, recipe_data
from tests.recipes.conftest import Desk
from tests.recipes.parts import CATALOG, PLAIN

DATA = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.text("ab", max_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(DATA)
def test_nothing_differs_from_itself(data: object) -> None:
    assert differences(data, data) == ()


@given(DATA, DATA)
def test_what_differs_is_found_in_both_directions(one: object, two: object) -> None:
    there, back = differences(one, two), differences(two, one)
    assert bool(there) == (repr(one) != repr(two) and not same(one, two))
    assert {(d.path, repr(d.before), repr(d.after)) for d in there} == {
        (d.path, repr(d.after), repr(d.before)) for d in back
    }


def same(one: object, two: object) -> bool:
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and one == two


def test_differences_are_told_in_lines(desk: Desk) -> None:
    one = desk.write(PLAIN, "one.yaml")
    two = desk.write(
        PLAIN.replace("{use: average, frames: 4}", "{use: curve}").replace("steps: 20", "steps: 30, guidance: pull"),
        "two.yaml",
    )
    found = differences(recipe_data(one, CATALOG), recipe_data(two, CATALOG))
    assert [str(each) for each in found] == [
        "~ name: one -> two",
        "~ operator.use: average -> curve",
        "- operator.border: zero",
        "- operator.frames: 4",
        "- operator.weights: null",
        "+ operator.clip: hard",
        "+ operator.curve: srgb",
        "~ sampler.guidance: null -> {'use': 'pull', 'scale': 1.0}",
        "~ sampler.steps: 20 -> 30",
    ]


def test_a_run_is_compared_by_what_it_was_run_with_whatever_is_installed(desk: Desk) -> None:
    recipe = desk.write(PLAIN, "one.yaml")
    resolved = desk.one(PLAIN, "name=one", "seed=3").dump().replace("use: everything", "use: uninstalled")
    run = desk.write(resolved, "run/resolved.yaml").parent
    found = differences(recipe_data(recipe, CATALOG), recipe_data(run, CATALOG))
    assert [str(each) for each in found] == ["~ prior.use: everything -> uninstalled", "~ seed: 0 -> 3"]
