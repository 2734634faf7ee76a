"""Values become what a field's type says, strictly; everything wrong is reported at once, in the order of its lines."""

from pathlib import Path

import pytest

from invsolve.operator.pipeline import LinearPipeline, Pipeline
from invsolve.recipe import BadRecipe, from_data, load, load_one
from tests.recipes.conftest import Desk
from tests.recipes.everything import everything, faults_of
from tests.recipes.parts import (
    CATALOG,
    PLAIN,
    Average,
    Border,
    Corner,
    Curve,
    Inside,
    Interval,
    Picture,
    Pull,
)


def test_all_problems_in_one_go_in_the_order_of_their_lines(desk: Desk) -> None:
    text = """\
recipe: 1
operator:
  use: averige
prior:
  use: everything
  real: "0.5"
sampler:
  use: search
  stpes: 20
  steps: 0
sead: 7
"""
    path = desk.write(text)
    with pytest.raises(BadRecipe) as caught:
        load(path, catalog=CATALOG)
    assert (
        str(caught.value).replace(str(desk.folder), "F")
        == """\
7 problems in F/r.yaml
F/r.yaml:1:1: input: missing; it has no default. input: reader of the observation.
F/r.yaml:3:8: operator.use: no installed plugin offers an operator called 'averige'. Did you mean 'average'?
  installed operators: average, curve, inside
F/r.yaml:5:3: prior.whole: missing; it has no default.
F/r.yaml:6:9: prior.real: expected float, got str '0.5'. Remove the quotes.
F/r.yaml:9:3: sampler.stpes: Search has no field 'stpes'. Did you mean 'steps'? Fields: \
steps, kernel, guidance, spacing.
F/r.yaml:10:10: sampler.steps: 'steps' must be >= 1: 0
F/r.yaml:11:1: sead: unknown key. Did you mean 'seed'? Keys: recipe, extends, sweep, zip, name, input, operator, \
prior, sampler, noise, condition, samples, seed, metrics, baselines, outputs, device, dtype, chunk, time_limit."""
    )


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"whole": 3}, "whole", 3),
        ({"real": 3}, "real", 3.0),
        ({"real": float("inf")}, "real", float("inf")),
        ({"word": "no"}, "word", "no"),
        ({"from": 2}, "from_", 2.0),
        ({"choice": 3}, "choice", 3),
        ({"choice": True}, "choice", True),
        ({"corner": "bottom_right"}, "corner", Corner.BOTTOM_RIGHT),
        ({"maybe": None}, "maybe", None),
        ({"maybe": 2}, "maybe", 2.0),
        ({"either": 2}, "either", 2),
        ({"either": "2"}, "either", "2"),
        ({"either": [2]}, "either", (2.0,)),
        ({"pair": [2, 3]}, "pair", (2, 3.0)),
        ({"many": [[1], [], [2, 3]]}, "many", ((1,), (), (2, 3))),
        ({"listed": ["a"]}, "listed", ["a"]),
        ({"bag": [2, 1, 2]}, "bag", frozenset({1, 2})),
        ({"table": {"a": 1}}, "table", {"a": 1.0}),
        ({"interval": {"start": -1}}, "interval", Interval(-1.0, 1.0)),
        ({"intervals": [{"start": 0, "stop": 3}]}, "intervals", (Interval(0.0, 3.0),)),
        ({"anything": {"a": [1, None]}}, "anything", {"a": [1, None]}),
    ],
)
def test_values_take_the_type_of_their_field(fields: dict, name: str, value: object) -> None:
    got = getattr(everything(**fields), name)
    assert got == value
    assert repr(got) == repr(value)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"whole": True}, "whole: expected int, got bool true."),
        ({"whole": 3.0}, "whole: expected int, got float 3.0. Write 3."),
        ({"whole": "3"}, "whole: expected int, got str '3'. Remove the quotes."),
        ({"whole": None}, "whole: expected int, got null."),
        ({"whole": [1]}, "whole: expected int, got a list of 1."),
        ({"real": "1e-4"}, "real: expected float, got str '1e-4'. Remove the quotes."),
        ({"real": True}, "real: expected float, got bool true."),
        ({"real": float("nan")}, "real: expected a number, got NaN."),
        ({"real": 10**400}, "real: int " + "1" + "0" * 56 + "... is too large."),
        ({"word": 3}, "word: expected str, got int 3. Put it in quotes."),
        ({"flag": 1}, "flag: expected bool, got int 1."),
        ({"flag": "yes"}, "flag: expected bool, got str 'yes'. Write true."),
        ({"choice": "c"}, "choice: expected one of 'a', 'b', 3, True; got str 'c'."),
        ({"choice": 1}, "choice: expected one of 'a', 'b', 3, True; got int 1."),
        ({"choice": "bb"}, "choice: expected one of 'a', 'b', 3, True; got str 'bb'. Did you mean 'b'?"),
        (
            {"corner": "topleft"},
            "corner: expected one of 'top_left', 'bottom_right'; got str 'topleft'. Did you mean 'top_left'?",
        ),
        ({"file": 3}, "file: expected a file name, got int 3."),
        ({"maybe": "x"}, "maybe: expected float, got str 'x'."),
        ({"either": 1.5}, "either: expected int or str or a list of float, got float 1.5."),
        ({"either": [1, "x"]}, "either.1: expected float, got str 'x'."),
        ({"pair": [1]}, "pair: expected a list of 2: int, float, got a list of 1."),
        ({"pair": 3}, "pair: expected a list of 2: int, float, got int 3."),
        ({"many": [[1], 2]}, "many.1: expected a list of int, got int 2."),
        ({"listed": "a"}, "listed: expected a list of str, got str 'a'."),
        ({"table": [1]}, "table: expected a mapping, got a list of 1."),
        ({"table": {"a": "x"}}, "table.a: expected float, got str 'x'."),
        ({"interval": 3}, "interval: expected a mapping, got int 3."),
        ({"interval": {"start": 2}}, "interval.stop: stop must lie behind start=2.0, got 1.0."),
        ({"intervals": [{"stop": 1}]}, "intervals.0.start: missing; it has no default."),
    ],
)
def test_nothing_is_turned_into_something_else(fields: dict, fault: str) -> None:
    assert faults_of(**fields) == [fault]


def test_a_list_of_operators_is_their_pipeline() -> None:
    assert from_data("operator", ["average", {"use": "average", "frames": 2}], CATALOG) == LinearPipeline(
        (Average(), Average(2))
    )
    assert from_data("operator", ["curve", "average"], CATALOG) == Pipeline((Curve(), Average()))
    assert from_data("operator", [{"use": "curve"}], CATALOG) == Curve()


def test_components_nest() -> None:
    inside = {"use": "inside", "inner": ["average", "average"], "others": ["curve"], "named": {"a": {"use": "curve"}}}
    assert from_data("operator", inside, CATALOG) == Inside(
        LinearPipeline((Average(), Average())), (Curve(),), {"a": Curve()}
    )
    single = {"use": "inside", "inner": "average", "others": {"use": "curve"}}
    assert from_data("operator", single, CATALOG) == Inside(Average(), (Curve(),))
    assert from_data("sampler", {"use": "search", "guidance": "pull"}, CATALOG).guidance == Pull()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"use": "inside", "inner": "curve"}, "inner: expected a LinearOperator, but Curve is not one."),
        ({"use": "inside", "inner": ["average", "curve"]}, "inner.1: expected a LinearOperator, but Curve("),
        ({"use": "inside", "inner": []}, "inner: an empty list; name at least one operator."),
        ({"use": "inside", "inner": "average", "others": 3}, "others: expected an operator, written"),
        ({"use": "inside", "inner": "average", "others": None}, "others: expected a list of operators, got null."),
        ({"use": "inside"}, "inner: missing; it has no default."),
        ({"frames": 3}, "use: missing; it names the operator: average, curve, inside."),
        ({"read": "average"}, "read: an operator is named by `use:`, not by `read:`."),
        ({"use": 3}, "use: expected the name of an operator, got int 3."),
        ({"use": "down"}, "use: no installed plugin offers an operator called 'down'."),
        (3, ": expected an operator, written {use: NAME, ...}, got int 3."),
        (None, ": expected an operator, written {use: NAME, ...}, got null."),
    ],
)
def test_a_part_that_is_none_says_why(data: object, fault: str) -> None:
    with pytest.raises(BadRecipe) as caught:
        from_data("operator", data, CATALOG)
    (only,) = caught.value.faults
    assert f"{only.path}: {only.message}".startswith(fault)


def test_faults_of_several_parts_of_a_pipeline_come_together(desk: Desk) -> None:
    text = PLAIN.replace("{use: average, frames: 4}", "\n  - {use: average, frames: 0}\n  - {use: curve, clip: sofd}")
    assert desk.faults(text) == [
        "r.yaml:4:28: operator.0.frames: 'frames' must be >= 1: 0",
        "r.yaml:5:24: operator.1.clip: expected one of 'hard', 'soft', 2; got str 'sofd'. Did you mean 'soft'?",
    ]


def test_readers_say_read(desk: Desk) -> None:
    assert desk.one(
        PLAIN.replace("read: picture, path: photo.png", "read: made, from: {read: picture, path: a.png}")
    ).input
    assert desk.faults(PLAIN.replace("read: picture", "use: picture")) == [
        "r.yaml:2:9: input.use: a reader is named by `read:`, not by `use:`."
    ]
    (fault,) = desk.faults(PLAIN.replace("{read: picture, path: photo.png}", "{read: clip.MP4}"))
    assert fault.endswith("note: for this file write {read: video, path: clip.MP4}")
    (fault,) = desk.faults(PLAIN.replace("{read: picture, path: photo.png}", "{read: photo.xyz}"))
    assert fault.endswith("note: for this file write {read: picture, path: photo.xyz}")


def test_paths_are_relative_to_the_file_that_holds_the_line(desk: Desk) -> None:
    desk.write(PLAIN.replace("whole: 3", "whole: 3, file: a.bin"), "deep/base.yaml")
    recipe = desk.one("recipe: 1\nextends: deep/base.yaml\ninput: {path: b.png}\n")
    assert recipe.prior.file == desk.folder / "deep" / "a.bin"
    assert recipe.input == Picture(desk.folder / "b.png")
    assert desk.one(PLAIN.replace("photo.png", "/x/y.png")).input == Picture(Path("/x/y.png"))
    assert desk.one(PLAIN.replace("photo.png", "~/y.png")).input == Picture(Path.home() / "y.png")


def test_a_file_has_one_name_however_it_was_reached(desk: Desk) -> None:
    (desk.folder / "sub").mkdir()
    (desk.folder / "link").symlink_to(desk.folder / "sub")
    (direct,) = load(desk.write(PLAIN), catalog=CATALOG)
    (around,) = load(desk.folder / "sub" / ".." / "r.yaml", catalog=CATALOG)
    assert around.input == Picture(desk.folder / "photo.png")
    assert around.hash8 == direct.hash8
    assert desk.one(PLAIN.replace("photo.png", "link/../photo.png")).input == direct.input


def test_a_word_that_may_be_a_file_is_one_if_it_is_there(desk: Desk) -> None:
    (desk.folder / "curve.csv").write_text("0,0\n1,1\n")
    with_curve = PLAIN.replace("{use: average, frames: 4}", "{use: curve, curve: curve.csv}")
    assert desk.one(with_curve).operator == Curve(desk.folder / "curve.csv")
    assert desk.one(with_curve.replace("curve.csv", "gamma:2.2")).operator == Curve("gamma:2.2")


def test_a_fault_across_fields_is_reported_at_the_field_it_speaks_of(desk: Desk) -> None:
    text = PLAIN.replace("{use: search, steps: 20}", "{use: guess, steps: 2, last: 5}")
    assert desk.faults(text) == ["r.yaml:5:39: sampler.last: last must not exceed steps=2, got 5."]


def test_enums_keep_their_members() -> None:
    assert from_data("operator", {"use": "average", "border": "mirror"}, CATALOG) == Average(border=Border.MIRROR)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("samples: 0", "6:10: samples: Recipe.samples must be a whole number >= 1, got 0"),
        ("seed: -1", "6:7: seed: Recipe.seed must be a whole number >= 0, got -1"),
        ("chunk: 0", "6:8: chunk: Recipe.chunk must be a whole number >= 1, got 0"),
        ("time_limit: 0", "6:13: time_limit: Recipe.time_limit must be a finite number > 0, got 0.0"),
        ("dtype: float16", "6:8: dtype: expected one of 'float32', 'float64'; got str 'float16'."),
        ("device: gpu", "6:9: device: there is no device 'gpu'. Did you mean 'cuda'?"),
        ("device: cuda:x", "6:9: device: there is no device 'cuda:x'."),
        ("name: ../x", "6:7: name: '../x' cannot name a folder of runs"),
        ("name: .x", "6:7: name: '.x' cannot name a folder of runs"),
        ("noise: {std: 0}", "6:14: noise.std: GaussianNoise.std must be a finite number > 0, got 0.0."),
        ("metrics: cuont", "6:10: metrics.use: no installed plugin offers a metric called 'cuont'."),
        ("metrics: [count, cuont]", "6:18: metrics.1.use: no installed plugin offers a metric called 'cuont'."),
        ("noise: null", "6:8: noise: expected a noise, written {use: NAME, ...}, got null."),
        ("label: x", "6:1: label: unknown key."),
    ],
)
def test_the_keys_of_a_recipe_are_checked(desk: Desk, line: str, fault: str) -> None:
    (only,) = desk.faults(PLAIN + line + "\n")
    assert only.startswith(f"r.yaml:{fault}")


def test_a_recipe_needs_its_version(desk: Desk) -> None:
    assert desk.faults(PLAIN.replace("recipe: 1\n", "")) == [
        "r.yaml:1:1: recipe: missing; write `recipe: 1` in the first line."
    ]


@pytest.mark.parametrize("key", ["input", "operator", "prior", "sampler"])
def test_four_parts_are_needed(desk: Desk, key: str) -> None:
    text = "".join(line for line in PLAIN.splitlines(keepends=True) if not line.startswith(key))
    (fault,) = desk.faults(text)
    assert fault.startswith(f"r.yaml:1:1: {key}: missing; it has no default.")


def test_load_one_refuses_a_sweep(desk: Desk) -> None:
    path = desk.write(PLAIN + "sweep: {seed: [1, 2]}\n")
    with pytest.raises(Exception, match="expected one problem, but its sweep expands to 2"):
        load_one(path, catalog=CATALOG)
    assert load_one(path, ["seed=3"], CATALOG).seed == 3
