"""`--set` changes one value, says so in every message about it, and loses nothing in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from invsolve.noise import GaussianNoise, PoissonNoise
from tests.recipes.conftest import Desk
from tests.recipes.parts import PLAIN, Average, Curve, Down, Guess, Jump, Pull, Search


def test_values_are_yaml(desk: Desk) -> None:
    recipe = desk.one(PLAIN, "prior.real=1e-4", "prior.flag=true", "prior.listed=[no, 'yes']", "prior.from=2")
    prior = recipe.prior
    assert (prior.real, prior.flag, prior.listed, prior.from_) == (1e-4, True, ["no", "yes"], 2.0)


def test_the_last_one_counts(desk: Desk) -> None:
    assert desk.one(PLAIN, "seed=1", "seed=2").seed == 2


def test_items_of_lists_are_counted_from_0(desk: Desk) -> None:
    text = PLAIN.replace("{use: average, frames: 4}", "[{use: average}, {use: curve}]")
    recipe = desk.one(text, "operator.0.frames=2", "operator.1={use: curve, clip: soft}")
    assert recipe.operator.operators == (Average(frames=2), Curve(clip="soft"))


def test_null_deletes(desk: Desk) -> None:
    assert desk.one(PLAIN, "sampler.steps=null").sampler == Search()
    text = PLAIN.replace("{use: average, frames: 4}", "[{use: average}, {use: curve}]")
    assert desk.one(text, "operator.0=null").operator == Curve()


def test_null_for_a_field_that_is_not_there_is_a_value(desk: Desk) -> None:
    assert desk.one(PLAIN, "prior.maybe=null").prior.maybe is None
    assert desk.faults(PLAIN, "prior.real=null") == ["--set #1: prior.real: expected float, got null."]


def test_a_part_of_a_default_can_be_set(desk: Desk) -> None:
    assert desk.one(PLAIN, "noise.std=0.2").noise == GaussianNoise(0.2)
    assert desk.one(PLAIN, "sampler.kernel.eta=0.5").sampler.kernel == Down(0.5)
    assert desk.one(PLAIN, "noise.use=poisson").noise == PoissonNoise()
    assert desk.one(PLAIN, "sampler.guidance=pull", "sampler.kernel={use: jump, order: 2}").sampler == Search(
        20, Jump(2), Pull()
    )


def test_paths_are_relative_to_the_current_directory(desk: Desk, in_folder: Callable[[str], Path]) -> None:
    here = in_folder("elsewhere")
    recipe = desk.one(PLAIN.replace("whole: 3", "whole: 3, file: a.bin"), "input.path=b.png")
    assert recipe.prior.file == desk.folder / "a.bin"
    assert recipe.input.path == here / "b.png"


def test_fields_left_over_from_a_replaced_component_are_reported_one_by_one(desk: Desk) -> None:
    text = PLAIN.replace("{use: search, steps: 20}", "\n  use: search\n  steps: 20\n  spacing: even\n  guidance: pull")
    assert desk.faults(text, "sampler.use=guess") == [
        "r.yaml:8:3: sampler.spacing: left over from 'search', which was replaced: Guess has no field 'spacing'. "
        "Set it to null to delete it, or replace the whole part.",
        "r.yaml:9:3: sampler.guidance: left over from 'search', which was replaced: Guess has no field 'guidance'. "
        "Set it to null to delete it, or replace the whole part.",
    ]
    kept = desk.one(text, "sampler.use=guess", "sampler.spacing=null", "sampler.guidance=null")
    assert kept.sampler == Guess(steps=20)
    assert desk.one(text, "sampler={use: guess, scale: 2}").sampler == Guess(scale=2.0)


def test_a_new_misspelling_is_not_taken_for_a_left_over(desk: Desk) -> None:
    assert desk.faults(PLAIN, "sampler.use=guess", "sampler.scalle=1") == [
        "--set #2: sampler.scalle: Guess has no field 'scalle'. Did you mean 'scale'? Fields: steps, scale, last."
    ]


def test_what_extends_leaves_over_is_reported_in_the_parent(desk: Desk) -> None:
    desk.write(PLAIN.replace("steps: 20", "steps: 20, spacing: even"), "base.yaml")
    assert desk.faults("recipe: 1\nextends: base.yaml\nsampler: {scale: 2, use: guess}\n") == [
        "base.yaml:5:35: sampler.spacing: left over from 'search', which was replaced: Guess has no field 'spacing'. "
        "Set it to null to delete it, or replace the whole part."
    ]
    child = "recipe: 1\nextends: base.yaml\nsampler: {spacing: null, scale: 2, use: guess}\n"
    assert desk.one(child).sampler == Guess(steps=20, scale=2.0)


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("seed", "--set #1: expected PATH=VALUE, like sampler.steps=50, got 'seed'."),
        ("=3", "--set #1: '' is not a path; a path is like sampler.steps or operator.0.frames."),
        ("a..b=3", "--set #1: 'a..b' is not a path; a path is like sampler.steps or operator.0.frames."),
        ("seed=", "--set #1: seed: nothing behind '='; write seed=null to delete it."),
        (
            "seed=[1",
            "--set #1: seed: not valid YAML: expected ',' or ']', but got '<stream end>'",
        ),
        ("seed=1.5", "--set #1: seed: expected int, got float 1.5."),
        ("seed=2.0", "--set #1: seed: expected int, got float 2.0. Write 2."),
        ("seed='1'", "--set #1: seed: expected int, got str '1'. Remove the quotes."),
        ("sed=1", "--set #1: sed: unknown key. Did you mean 'seed'?"),
        ("extends=a.yaml", "--set #1: extends: it belongs to the file; set the values themselves."),
        ("recipe=2", "--set #1: recipe: it belongs to the file; set the values themselves."),
        ("extend=a.yaml", "--set #1: extend: unknown key. Did you mean 'extends'?"),
        ("sampler.stpes=1", "--set #1: sampler.stpes: Search has no field 'stpes'. Did you mean 'steps'?"),
        ("sampler.steps.x=1", "--set #1: sampler.steps.x: sampler.steps is int 20, not a mapping, so it has no 'x'."),
        (
            "operator.0.frames=1",
            "--set #1: operator.0.frames: operator is one component, not a list; write operator.frames.",
        ),
        ("prior.listed.0=a", "--set #1: prior.listed: expected a list of str, got a mapping with 0."),
    ],
)
def test_what_cannot_be_set_says_why(desk: Desk, option: str, fault: str) -> None:
    (only,) = desk.faults(PLAIN, option)
    assert only.startswith(fault)


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        ("operator.frames=1", "operator is a list of 2; write operator.0.frames up to operator.1.frames."),
        ("operator.2.frames=1", "operator is a list of 2, and has no item 2: they are numbered 0 to 1."),
        ("operator.-1.frames=1", "operator is a list of 2; write operator.0.-1 up to operator.1.-1."),
        (
            "operator.1.clip=soft",
            "operator.1 is str 'curve', not a mapping, so it has no 'clip'. "
            "Write operator.1={use: curve, ...} to give it fields.",
        ),
    ],
)
def test_lists_have_the_items_they_have(desk: Desk, option: str, fault: str) -> None:
    text = PLAIN.replace("{use: average, frames: 4}", "[{use: average}, curve]")
    assert desk.faults(text, option) == [f"--set #1: {option.split('=', maxsplit=1)[0]}: {fault}"]


def test_a_whole_part_that_is_missing_can_be_given(desk: Desk) -> None:
    text = PLAIN.replace("sampler: {use: search, steps: 20}\n", "")
    assert desk.one(text, "sampler.use=guess", "sampler.scale=3").sampler == Guess(scale=3.0)


def test_every_option_that_is_wrong_is_reported_together_with_the_file(desk: Desk) -> None:
    assert desk.faults(PLAIN + "sead: 1\n", "nonsense", "seed=x") == [
        "r.yaml:6:1: sead: unknown key. Did you mean 'seed'? Keys: recipe, extends, sweep, zip, name, input, "
        "operator, prior, sampler, noise, condition, samples, seed, metrics, baselines, outputs, device, dtype, "
        "chunk, time_limit.",
        "--set #1: expected PATH=VALUE, like sampler.steps=50, got 'nonsense'.",
        "--set #2: seed: expected int, got str 'x'.",
    ]
