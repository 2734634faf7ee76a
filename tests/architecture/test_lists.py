"""Lists kept by hand hold everything that the catalogue has, but for what they leave out with a reason."""

import ast
import importlib.util
from pathlib import Path

from invsolve.plugin import Catalog

TESTS = Path(__file__).parents[1]
CATALOG = Catalog.discover({"INVSOLVE_PLUGINS": "samplers"})
ELSEWHERE = {
    "ddnm_plus": "tests/samplers/test_spectral_rules.py: its mean and its noise, written out",
    "ddrm": "tests/samplers/test_spectral_rules.py: its three cases, written out",
    "dsg": "tests/samplers/test_rules.py: through a whole step, for it needs a kernel with noise",
    "lgd_mc": "tests/samplers/test_rules.py: an average over draws, injected",
}
"""Rules whose formula is tested otherwise than on one step of `tests/samplers/one_step.py`, and where."""


def classes(kind: str) -> dict[str, str]:
    return {entry.component.name: entry.component.target.partition(":")[2] for entry in CATALOG.of_kind(kind)}


def calls(path: Path) -> set[str]:
    """Names of what is made as the first argument of `one_step` or `step_on`, or under the name `rule`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made: set[str] = set()
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("one_step", "step_on"):
            parts = node.args[:1]
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "rule" for t in node.targets):
            parts = [node.value]
        made |= {part.func.id for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    return made


def test_every_rule_is_held_against_its_formula():
    stepped = set().union(*(calls(path) for path in (TESTS / "samplers").glob("test_*.py")))
    assert {name for name, made in classes("guidance").items() if made not in stepped} == set(ELSEWHERE)
    for name, place in ELSEWHERE.items():
        source = (TESTS.parent / place.partition(":")[0]).read_text(encoding="utf-8")
        assert f"{classes('guidance')[name]}(" in source


def test_every_sampler_rule_and_kernel_has_a_row_of_accuracy():
    path = TESTS / "benchmarks" / "accuracy.py"
    spec = importlib.util.spec_from_file_location("accuracy", path)
    accuracy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(accuracy)
    shown = set()
    for row in accuracy.ROWS:
        sampler = row.sampler(2)
        shown |= {type(sampler).__name__}
        if type(sampler).__name__ == "Diffusion":
            shown |= {type(sampler.kernel).__name__, type(sampler.guidance).__name__}
    missing = {
        name
        for kind in ("sampler", "kernel", "guidance")
        for name, made in classes(kind).items()
        if made not in shown and not (kind == "sampler" and name == "diffusion")
    }
    assert missing == set(accuracy.LEFT_OUT)
    page = (TESTS.parent / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert [row.name for row in accuracy.ROWS if f"| {row.name} |" not in page] == []
