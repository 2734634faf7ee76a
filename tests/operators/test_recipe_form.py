"""Every operator has a YAML form that gives it back, and the examples in the docstrings are true."""

import ast
import re
import textwrap
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

import invsolve
import invsolve_operators
from invsolve import Operator, Scaled, Stack, VideoSpace, pipeline
from invsolve.plugin import Catalog
from invsolve.plugin.describe import describe
from invsolve.recipe.dumping import dumped
from invsolve.recipe.serialise import to_data
from invsolve.recipe.structure import from_data
from invsolve_operators import (
    CameraResponse,
    Convolution,
    ExposureAverage,
    Linearise,
    Mask,
    SelectFrames,
    TemporalAverage,
    Warp,
)
from invsolve_operators._plugin import COMPONENTS

CATALOG = Catalog.discover()

OPERATORS = (
    TemporalAverage(frames=3, weights=(1.0, 2.0, 0.5), stride=2),
    ExposureAverage(frames=6, intervals_seconds=((0.0, 0.01), (0.012, 0.022)), frame_rate=240.0),
    SelectFrames(indices=(3, 0, 6), frames=7),
    Convolution(values=(((1.0, 2.0),), ((3.0, 4.0),)), border="zero"),
    Convolution(kernel="motion", length=5.0, angle=0.5),
    Mask(hide=(0, 1, 2, 2)),
    Warp(values=np.zeros((2, 3, 4)), scale=0.5),
    CameraResponse(curve="table", values=((0.0, 0.0), (0.6, 0.2), (1.0, 1.0)), columns=(1, 0)),
    Linearise(curve="srgb", clip="soft"),
    pipeline(TemporalAverage(frames=2), Scaled(factor=0.5)),
    Stack(operators=(TemporalAverage(frames=4), SelectFrames(every=3)), frames=(1, 2)),
)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: type(operator).__name__)
def test_round_trip(operator: Operator) -> None:
    for defaults in (True, False):
        text = dumped(to_data(operator, CATALOG, defaults))
        assert from_data("operator", YAML(typ="safe").load(StringIO(text)), CATALOG) == operator


def test_file_fields_are_relative_to_the_recipe(tmp_path: Path) -> None:
    np.save(tmp_path / "kernel.npy", np.ones((3, 2)))
    built = from_data("operator", {"use": "convolution", "file": "kernel.npy"}, CATALOG, tmp_path)
    assert built.taps.shape == (1, 3, 2)
    assert built.taps.sum() == pytest.approx(1)


def _examples(language: str) -> list[tuple[str, str]]:
    examples = []
    for component in COMPONENTS:
        cls = CATALOG.load("operator", component.name)
        for block in re.findall(rf"```{language}\n(.*?)```", cls.__doc__ or "", flags=re.S):
            examples.append((component.name, textwrap.dedent(block)))
    return examples


@pytest.mark.parametrize(("name", "text"), _examples("python"))
def test_python_examples(name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "flow.npy", np.zeros((2, 4, 4)))
    monkeypatch.chdir(tmp_path)
    names = {key: getattr(module, key) for module in (invsolve, invsolve_operators) for key in dir(module)}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Expr):
            assert isinstance(eval(ast.unparse(statement), names), Operator)
        else:
            exec(ast.unparse(statement), names)


@pytest.mark.parametrize(("name", "text"), _examples("yaml"))
def test_yaml_examples(name: str, text: str, tmp_path: Path) -> None:
    np.save(tmp_path / "flow.npy", np.zeros((2, 4, 4)))
    data = YAML(typ="safe").load(StringIO(text))["operator"]
    assert isinstance(from_data("operator", data, CATALOG, tmp_path), Operator)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_each_operator_documents_itself(component: object) -> None:
    cls = CATALOG.load("operator", component.name)
    assert f"{cls.__name__}(" in cls.__doc__
    assert f"use: {component.name}" in cls.__doc__
    for field in describe(cls, "operator", component.name).fields:
        assert field.meaning, field.name


def test_spaces_are_declared_without_running() -> None:
    space = VideoSpace(frames=16, height=4, width=4, frame_rate=240.0, transfer="linear")
    blurred = TemporalAverage(frames=8).output_space(space)
    assert (blurred.frames, blurred.frame_rate) == (2, 30.0)
