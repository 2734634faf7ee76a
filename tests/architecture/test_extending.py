"""docs/extending.md works as it stands: its files make a plugin whose own tests and checks pass."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from invsolve.testing import pretend

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"````python\n# (\S+\.py)\n(.*?)````", PAGE, flags=re.DOTALL))
MANIFEST = "invsolve_lab/_plugin.py"
MOST = {"family": 3}
USUALLY_MOST = 2


def components() -> list[tuple[str, str]]:
    calls = (node for node in ast.walk(ast.parse(FILES[MANIFEST])) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Component")
    return [
        (
            ast.literal_eval(kind) if isinstance(kind := call.args[0], ast.Constant) else kind.id.lower(),
            ast.literal_eval(call.args[2]),
        )
        for call in named
    ]


def touched(target: str) -> set[str]:
    """The files of the plugin that a component needs: its own, what that imports of the plugin, and the manifest."""
    ahead, seen = [target.partition(":")[0]], {MANIFEST}
    while ahead:
        path = ahead.pop().replace(".", "/") + ".py"
        if path in FILES and path not in seen:
            seen.add(path)
            ahead += re.findall(r"from (invsolve_lab[\w.]*) import", FILES[path])
    return seen


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    pretend(folder, "invsolve-lab", manifest="from invsolve_lab._plugin import *\n", modules=FILES)
    (folder / "invsolve_lab" / "__init__.py").touch()
    return folder


def run(shelf, *command):
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "INVSOLVE"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *command],
        cwd=shelf,
        env=plain | {"PYTHONPATH": str(shelf)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tests_on_the_page_pass(shelf):
    # no cache of bytecode beside the files, no plugin of pytest but what the laws need
    assert " passed" in run(shelf, "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_the_plugin_passes_its_check(shelf):
    assert re.search(r"invsolve-lab: \d+ ok", run(shelf, "invsolve", "plugins", "check", "invsolve-lab"))


@pytest.mark.parametrize(("kind", "target"), components())
def test_few_files_are_touched(kind, target):
    assert len(touched(target)) <= MOST.get(kind, USUALLY_MOST)


def test_there_is_one_of_each_kind_that_people_add():
    wanted = {"operator", "kernel", "guidance", "sampler", "prior", "metric", "reader", "command", "family"}
    assert {kind for kind, _ in components()} >= wanted
