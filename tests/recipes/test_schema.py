"""The JSON schema accepts the recipes that load, refuses those that do not, and describes what it offers."""

import json

import pytest
from ruamel.yaml import YAML

from invsolve.plugin import Component
from invsolve.recipe import schema_of
from tests.recipes.conftest import Desk
from tests.recipes.json_schema import accepts
from tests.recipes.parts import CATALOG, COMPONENTS, PLAIN, catalog_of

SCHEMA = schema_of(CATALOG)
AVERAGE = "{use: average, frames: 4}"


def fits(text: str) -> bool:
    return accepts(SCHEMA, YAML(typ="safe", pure=True).load(text), SCHEMA)


GOOD = [
    PLAIN,
    PLAIN + "noise: {std: 0.1}\nsamples: 3\ndevice: cuda:1\ntime_limit: 3\nmetrics: [psnr, {use: count, power: 2}]\n",
    PLAIN.replace(AVERAGE, "[curve, {use: average}]"),
    PLAIN.replace(AVERAGE, "curve"),
    PLAIN.replace(AVERAGE, "{use: inside, inner: average, others: {use: curve}}") + "metrics: count\n",
    PLAIN.replace(AVERAGE, "{use: inside, inner: average, others: [curve, average]}") + "metrics: []\n",
    PLAIN.replace("whole: 3", "whole: 3, pair: [1, 2], choice: 3, corner: top_left, interval: {start: 0}"),
    PLAIN.replace("steps: 20", "kernel: {use: jump, order: 2}, guidance: null"),
    PLAIN + "sweep: {sampler.steps: [1, 2], seed: {range: [0, 4, 2]}}\n",
]
BAD = [
    PLAIN.replace("recipe: 1", "recipe: 2"),
    PLAIN.replace("sampler:", "smapler:"),
    PLAIN.replace("use: average", "use: avrage"),
    PLAIN.replace("frames: 4", "frames: four"),
    PLAIN.replace("frames: 4", "frame: 4"),
    PLAIN.replace(AVERAGE, "[]"),
    PLAIN.replace(AVERAGE, "inside"),
    PLAIN.replace("whole: 3", "real: 3"),
    PLAIN.replace("whole: 3", "whole: 3, pair: [1, 2, 3]"),
    PLAIN.replace("whole: 3", "whole: 3, choice: c"),
    PLAIN.replace("steps: 20", "kernel: jump"),
    PLAIN + "seed: x\n",
    PLAIN + "dtype: float16\n",
    PLAIN + "sweep: {seed: 3}\n",
    "recipe: 1\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_loads_fits(desk: Desk, text: str) -> None:
    assert desk.load(text)
    assert fits(text)


@pytest.mark.parametrize("text", BAD)
def test_what_does_not_load_does_not_fit(desk: Desk, text: str) -> None:
    assert desk.faults(text)
    assert not fits(text)


@pytest.mark.parametrize("text", GOOD)
def test_the_resolved_form_fits(desk: Desk, text: str) -> None:
    assert all(accepts(SCHEMA, recipe.resolved, SCHEMA) for recipe in desk.load(text))


def test_a_recipe_that_extends_another_one_needs_only_its_changes() -> None:
    assert fits("recipe: 1\nextends: base.yaml\nsampler: {steps: 3, scale: null}\nnoise: null\n")
    assert not fits("recipe: 1\nextends: base.yaml\nsampler: {use: search, stpes: 3}\n")


def test_an_editor_finds_names_types_defaults_and_meanings() -> None:
    search = next(each for each in SCHEMA["$defs"]["sampler"]["oneOf"] if each["title"] == "search")
    assert search["properties"]["use"] == {"const": "search", "description": "Search."}
    assert search["properties"]["steps"] == {"type": "integer", "description": "how many.", "default": 100}
    assert search["properties"]["kernel"] == {"$ref": "#/$defs/kernel", "default": {"use": "down", "eta": 0.25}}
    assert search["properties"]["spacing"] == {"enum": ["even", "trailing"], "default": "even"}
    assert search["required"] == ["use"]
    prior = next(each for each in SCHEMA["$defs"]["prior"]["oneOf"] if each["title"] == "everything")
    assert prior["required"] == ["use", "whole"]
    assert "from" in prior["properties"]
    reader = next(each for each in SCHEMA["$defs"]["reader"]["oneOf"] if each["title"] == "picture")
    assert reader["properties"]["read"]["const"] == "picture"
    assert SCHEMA["properties"]["seed"]["description"].startswith("the one seed")
    json.dumps(SCHEMA)


def test_every_reference_leads_somewhere() -> None:
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    assert references(SCHEMA) <= {f"#/$defs/{kind}" for kind in SCHEMA["$defs"]}
    assert "#/$defs/guidance" in references(SCHEMA)


def test_a_component_that_does_not_import_is_offered_with_the_reason() -> None:
    schema = schema_of(catalog_of(*COMPONENTS, Component("operator", "gone", "no.such.module:Gone", "Was here.")))
    gone = next(each for each in schema["$defs"]["operator"]["oneOf"] if each["title"] == "gone")
    assert "No module named 'no'" in gone["description"]
    assert gone["properties"]["use"]["const"] == "gone"
    assert accepts({"$ref": "#/$defs/operator"}, {"use": "gone", "x": 1}, schema)
