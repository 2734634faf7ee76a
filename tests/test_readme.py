"""What the README prints runs as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from invsolve.plugin.scaffold import scaffold
from invsolve.recipe import load_one

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def run(code: str, cwd: Path) -> str:
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "INVSOLVE"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=cwd, env=plain, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_composition_in_python(tmp_path: Path) -> None:
    code = blocks("python")[0] + "print(tuple(solution.video.shape), tuple(solution.std.shape))"
    assert run(code, tmp_path).split("\n")[0] == "(4, 1, 3, 8, 64, 64) (1, 3, 8, 64, 64)"


def test_the_recipe_is_the_shipped_one(tmp_path: Path) -> None:
    (block,) = blocks("yaml")
    written = tmp_path / "deblur_photo.yaml"
    written.write_text(block, encoding="utf-8")
    assert load_one(written).hash8 == load_one(ROOT / "recipes" / "deblur_photo.yaml").hash8


def test_the_conformance_test_of_a_new_plugin(tmp_path: Path) -> None:
    name = re.search(r"invsolve plugins new (\S+)", TEXT)
    assert name is not None
    package = scaffold(name[1], tmp_path)
    code = blocks("python")[1]
    made = re.findall(r"class (\w+)\(OperatorChecks\)", code)[0]
    print_it = f"print({made}().make()(__import__('torch').ones(1, 3, 1, 4, 4)).shape)"
    assert "[1, 3, 1, 4, 4]" in run(code + print_it, package)


@pytest.mark.parametrize("path", re.findall(r"(?:recipes|docs)/\w+\.\w+", TEXT))
def test_files_it_names_are_there(path: str) -> None:
    assert (ROOT / path).is_file()
