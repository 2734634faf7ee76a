"""The core stands in rooms: few floors, no circle, and no flat file but the ground."""

import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "import_map.py"
NAMESPACES = {"operators", "priors", "samplers"}
GROUND = NAMESPACES | {
    *("__main__", "_plugin", "blame", "cache", "errors", "extras", "lazy", "parts", "randomness", "returned"),
    "validators",
}
MOST_FLOORS = 13
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("import_map", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_imports_itself_through_others(tool, package):
    assert tool.ImportMap.read(package).circles == []


def test_the_core_has_few_floors_and_no_flat_file_but_the_ground(tool):
    core = tool.ImportMap.read("invsolve")
    assert core.flat <= GROUND
    assert max(core.floors.values()) <= MOST_FLOORS


def test_circles_and_floors_are_counted_by_hand(tool):
    arrows = {"top": {"a", "low"}, "a": {"b"}, "b": {"a", "low"}, "low": set()}
    drawn = tool.ImportMap("made_up", {room: frozenset(to) for room, to in arrows.items()}, frozenset())
    assert drawn.circles == [frozenset({"a", "b"})]
    assert drawn.floors == {"top": 3, "a": 2, "b": 2, "low": 1}


def test_no_module_bears_the_name_of_a_test():
    packages = (
        ROOT / "invsolve",
        *ROOT.glob("operators/*/"),
        *ROOT.glob("priors/*/"),
        *ROOT.glob("plugins/*/invsolve_*/"),
    )
    modules = [path for package in packages for path in package.rglob("*.py")]
    assert len(modules) > 300
    assert [path for path in modules if path.name.startswith("test_") or path.name.endswith("_test.py")] == []
