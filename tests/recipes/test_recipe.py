"""A checked recipe resolves, dumps, reloads and hashes: the same problem has the same hash, another one has another."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invsolve.metrics import PSNR, SSIM, Coverage, Modes, Reblur
from invsolve.noise import GaussianNoise
from invsolve.recipe import load, load_one
from tests.recipes.conftest import Desk
from tests.recipes.parts import CATALOG, PLAIN, Average, Everything, Picture, Search


def test_what_is_left_out_has_its_default(desk: Desk) -> None:
    recipe = desk.one(PLAIN)
    assert recipe.name == "r"
    assert recipe.input == Picture(desk.folder / "photo.png")
    assert recipe.operator == Average(4)
    assert recipe.prior == Everything(3)
    assert recipe.sampler == Search(20)
    assert recipe.noise == GaussianNoise(0.01)
    assert recipe.metrics == (PSNR(), SSIM(), Reblur(), Coverage(), Modes())
    assert (recipe.samples, recipe.seed, recipe.device, recipe.dtype) == (1, 0, "auto", "float32")
    assert (recipe.chunk, recipe.time_limit, recipe.label) == (None, None, "")
    assert recipe.source == desk.folder / "r.yaml"


def test_the_resolved_form_has_every_default_and_is_sorted(desk: Desk) -> None:
    resolved = desk.one(PLAIN).resolved
    assert list(resolved) == ["recipe", *sorted(set(resolved) - {"recipe"})]
    assert resolved["recipe"] == 1
    assert resolved["noise"] == {"use": "gaussian", "std": 0.01}
    assert list(resolved["sampler"]) == ["use", "guidance", "kernel", "spacing", "steps"]
    assert resolved["sampler"]["kernel"] == {"use": "down", "eta": 0.25}
    json.dumps(resolved)


def test_a_dump_loads_from_anywhere_and_is_the_same_problem(desk: Desk) -> None:
    text = PLAIN.replace("{use: average, frames: 4}", "[{use: average}, {use: curve}]") + "name: 'no: 1'\nsamples: 3\n"
    recipe = desk.one(text.replace("'no: 1'", "'no 1'"), "prior.real=1e-5")
    path = desk.write(recipe.dump(), "elsewhere/resolved.yaml")
    again = load_one(path, catalog=CATALOG)
    assert again == recipe
    assert again.hash8 == recipe.hash8
    assert again.dump() == recipe.dump()
    assert load_one(path.parent, catalog=CATALOG) == recipe


@given(
    st.fixed_dictionaries(
        {"seed": st.integers(0, 9), "samples": st.integers(1, 4), "prior.real": st.floats(allow_nan=False)}
    )
)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_equal_problems_and_only_they_have_equal_hashes(desk: Desk, values: dict) -> None:
    options = [f"{path}={json.dumps(value).replace('Infinity', '.inf')}" for path, value in values.items()]
    recipe = desk.one(PLAIN, *options)
    assert desk.one(PLAIN, *reversed(options)).hash8 == recipe.hash8
    changed = {"seed": values["seed"] + 1, "samples": values["samples"] + 1, "prior.whole": 4}
    assert all(desk.one(PLAIN, *options, f"{path}={value}").hash8 != recipe.hash8 for path, value in changed.items())


@pytest.mark.parametrize(
    "option", ["name=other", "device=cpu", "chunk=2", "time_limit=60", "metrics=[count]", "noise=gaussian", "samples=1"]
)
def test_how_a_problem_is_run_is_no_part_of_it(desk: Desk, option: str) -> None:
    assert desk.one(PLAIN, option).hash8 == desk.one(PLAIN).hash8


@pytest.mark.parametrize(
    "option", ["dtype=float64", "noise.std=0.02", "operator=[average, average]", "sampler.kernel.eta=0", "seed=1"]
)
def test_another_problem_has_another_hash(desk: Desk, option: str) -> None:
    assert desk.one(PLAIN, option).hash8 != desk.one(PLAIN).hash8


def test_the_order_and_the_spelling_of_a_recipe_do_not_matter(desk: Desk) -> None:
    lines = PLAIN.splitlines()
    other = "\n".join([lines[0], *reversed(lines[1:])])
    other = other.replace("use: average, frames: 4", "frames: 4, use: fakes:average")
    assert desk.one(other).hash8 == desk.one(PLAIN).hash8
    one_in_a_list = PLAIN.replace("{use: average, frames: 4}", "[{use: average, frames: 4}]")
    assert desk.one(one_in_a_list).hash8 == desk.one(PLAIN).hash8


def test_the_hash_is_8_hex_digits(desk: Desk) -> None:
    value = desk.one(PLAIN).hash8
    assert len(value) == 8
    assert int(value, 16) >= 0


def test_a_parent_does_not_lend_its_name(desk: Desk) -> None:
    desk.write(PLAIN + "name: parent\n", "base.yaml")
    assert desk.one("recipe: 1\nextends: base.yaml\n").name == "r"
    assert load(desk.folder / "base.yaml", catalog=CATALOG)[0].name == "parent"


def test_a_path_may_be_text(desk: Desk) -> None:
    path = desk.write(PLAIN)
    assert load(str(path), catalog=CATALOG) == load(path, catalog=CATALOG)
    assert isinstance(load(str(path), catalog=CATALOG)[0].source, Path)
