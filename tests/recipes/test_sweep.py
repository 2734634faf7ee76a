"""A sweep stands for plain recipes, each with a label; the product of `sweep`, the pairs of `zip`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invsolve.recipe.node import Origin, Table, from_plain, plain
from invsolve.recipe.sweep import expand
from tests.recipes.conftest import Desk
from tests.recipes.parts import PLAIN, Average, Curve

HERE = Origin(0, "r.yaml")


def variants(data: dict) -> dict[str, dict]:
    table = from_plain(data, HERE)
    assert isinstance(table, Table)
    faults: list = []
    found = expand(table, faults)
    assert faults == []
    return {variant.label: plain(variant.table) for variant in found}


def test_without_a_sweep_there_is_one_recipe_without_a_label() -> None:
    assert variants({"seed": 1}) == {"": {"seed": 1}}


def test_a_sweep_is_a_product_and_the_last_path_changes_fastest() -> None:
    found = variants({"s": {"scale": 0}, "sweep": {"s.scale": [0.5, 1.0], "seed": {"range": [0, 2]}}})
    assert found == {
        "scale=0.5, seed=0": {"s": {"scale": 0.5}, "seed": 0},
        "scale=0.5, seed=1": {"s": {"scale": 0.5}, "seed": 1},
        "scale=1.0, seed=0": {"s": {"scale": 1.0}, "seed": 0},
        "scale=1.0, seed=1": {"s": {"scale": 1.0}, "seed": 1},
    }
    assert list(found) == ["scale=0.5, seed=0", "scale=0.5, seed=1", "scale=1.0, seed=0", "scale=1.0, seed=1"]


def test_zip_goes_in_pairs_and_a_sweep_multiplies_them() -> None:
    found = variants({"sweep": {"seed": [7, 8]}, "zip": {"s.steps": [1, 2], "s.eta": [3, 4]}})
    assert list(found) == [
        "seed=7, steps=1, eta=3",
        "seed=7, steps=2, eta=4",
        "seed=8, steps=1, eta=3",
        "seed=8, steps=2, eta=4",
    ]


def test_labels_use_whole_paths_where_the_last_word_is_not_enough() -> None:
    found = variants({"sweep": {"a.steps": [1], "b.steps": [2], "operator.c": [[1, 2]], "p": [None, True]}})
    assert list(found) == ["a.steps=1, b.steps=2, c=[1,2], p=null", "a.steps=1, b.steps=2, c=[1,2], p=true"]


def test_components_are_labelled_by_their_names() -> None:
    found = variants({"sweep": {"sampler": [{"use": "dps", "steps": 3}, {"use": "ddim"}], "input": [{"read": "x"}]}})
    assert list(found) == ["sampler=dps(steps=3), input=x", "sampler=ddim, input=x"]


@pytest.mark.parametrize(
    ("limits", "values"),
    [
        ([0, 3], [0, 1, 2]),
        ([0, 4, 2], [0, 2]),
        ([3, 0, -1], [3, 2, 1]),
        ([0, 0.3, 0.1], [0.0, 0.1, 0.2]),
        ([0.5, 2], [0.5, 1.5]),
        ([1e-3, 3e-3, 1e-3], [1e-3, 2e-3]),
    ],
)
def test_ranges_stop_before_their_end(limits: list, values: list) -> None:
    found = [data["x"] for data in variants({"sweep": {"x": {"range": limits}}}).values()]
    assert repr(found) == repr(values)


@given(st.integers(-50, 50), st.integers(1, 20), st.sampled_from([0.1, 0.25, 0.3, 1e-3, 7]))
def test_a_range_of_n_steps_has_n_values(first: int, count: int, step: float) -> None:
    """No rounding adds or loses the last value."""
    from decimal import Decimal

    start, width = Decimal(first), Decimal(repr(step))
    limits = [first, float(start + count * width), step]
    found = [data["x"] for data in variants({"sweep": {"x": {"range": limits}}}).values()]
    assert found == [float(start + index * width) for index in range(count)]


def test_items_of_lists_and_whole_parts_can_be_swept(desk: Desk) -> None:
    text = PLAIN.replace("{use: average, frames: 4}", "[{use: average}, {use: curve}]")
    one, two = desk.load(text + "sweep: {operator.0.frames: [1, 2]}\n")
    assert (one.operator.operators[0], two.operator.operators[0]) == (Average(1), Average(2))
    assert (one.label, two.label) == ("frames=1", "frames=2")
    one, two = desk.load(PLAIN + "sweep:\n  operator:\n    - {use: curve}\n    - {use: average, frames: 3}\n")
    assert (one.operator, two.operator) == (Curve(), Average(3))
    assert one.hash8 != two.hash8


def test_an_option_takes_its_path_out_of_the_sweep(desk: Desk) -> None:
    text = PLAIN + "sweep: {seed: [1, 2], sampler.steps: [3, 4]}\n"
    assert [(r.seed, r.sampler.steps) for r in desk.load(text, "seed=9")] == [(9, 3), (9, 4)]
    assert [r.label for r in desk.load(text, "seed=9", "sampler.steps=9")] == [""]
    assert len(desk.load(text, "sweep=null")) == 1
    assert [r.seed for r in desk.load(text, "sweep.seed=[5]", "sweep.sampler.steps=null")] == [5]


def test_an_option_below_a_swept_path_would_be_lost(desk: Desk) -> None:
    text = PLAIN + "sweep: {sampler.kernel: [down, {use: jump, order: 2}]}\n"
    assert desk.faults(text, "sampler.kernel.eta=0.5") == [
        "--set #1: sampler.kernel.eta: sampler.kernel is swept (r.yaml:6:9), and each of its values would replace this "
        "one. Set sampler.kernel as a whole, or sweep.sampler.kernel=null first."
    ]


def test_faults_of_a_value_are_reported_where_it_stands_and_once(desk: Desk) -> None:
    text = PLAIN + "sweep: {sampler.steps: [1, 0, x], sampler.stps: [1], seed: {range: [0, 3]}}\n"
    assert desk.faults(text) == [
        "r.yaml:6:28: sampler.steps: 'steps' must be >= 1: 0",
        "r.yaml:6:31: sampler.steps: expected int, got str 'x'.",
        "r.yaml:6:50: sampler.stps: Search has no field 'stps'. Did you mean 'steps'? "
        "Fields: steps, kernel, guidance, spacing.",
    ]


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        (
            "sweep: [1]",
            "6:8: sweep: expected paths with their values, like sampler.scale: [0.5, 1.0], got a list",
        ),
        ("sweep: {}", "6:8: sweep: expected paths with their values"),
        ("sweep: {seed: 3}", "6:15: sweep.seed: expected a list of values or {range: [first, end]}, got int 3."),
        ("sweep: {seed: []}", "6:15: sweep.seed: an empty list leaves nothing to run."),
        ("sweep: {seed: [1, 2, 1]}", "6:22: sweep.seed: int 1 is listed twice."),
        ("sweep: {seed: {range: [0]}}", "6:23: sweep.seed.range: expected [first, end] or [first, end, step]"),
        ("sweep: {seed: {range: [0, x]}}", "6:23: sweep.seed.range: expected [first, end] or [first, end, step]"),
        ("sweep: {seed: {range: [0, .inf]}}", "6:23: sweep.seed.range: expected [first, end] or [first, end, step]"),
        ("sweep: {seed: {range: [0, 3, 0]}}", "6:23: sweep.seed.range: the step must not be 0."),
        ("sweep: {seed: {range: [3, 0]}}", "6:23: sweep.seed.range: [3, 0] is empty: it would hold 3, 4, ..."),
        (
            "sweep: {seed: {range: [0, 1000000]}}",
            "6:23: sweep.seed.range: 1,000,000 values; at most 10,000",
        ),
        ("sweep: {extends: [a.yaml]}", "6:9: sweep.extends: 'extends' cannot be swept."),
        ("sweep: {sweep.seed: [1]}", "6:9: sweep.sweep.seed: 'sweep.seed' cannot be swept."),
        ("zip: {seed: [1, 2], samples: [1]}", "6:6: zip: the lists must be of one length: seed has 2, samples has 1."),
        ("sweep: {noise: [gaussian], noise.std: [1]}", "6:28: sweep.noise.std: noise is swept, too"),
        ("sweep: {operator.3.frames: [1]}", "6:29: operator.3.frames: operator is one component, not a list"),
        (
            "sweep: {seed: {range: [0, 200]}, samples: {range: [1, 200]}}",
            "6:1: sweep: 39,800 recipes; at most 10,000 are allowed.",
        ),
    ],
)
def test_a_sweep_that_makes_no_sense_says_why(desk: Desk, section: str, fault: str) -> None:
    (only,) = desk.faults(PLAIN + section + "\n")
    assert only.startswith(f"r.yaml:{fault}")


def test_a_path_in_sweep_and_zip_is_an_error(desk: Desk) -> None:
    (fault,) = desk.faults(PLAIN + "sweep: {seed: [1, 2]}\nzip: {seed: [3, 4]}\n")
    assert fault == "r.yaml:7:7: zip.seed: seed is swept, too, so one would replace the other."
