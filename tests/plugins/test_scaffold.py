"""`plugins new` writes a package that a linter and its own tests pass."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from invsolve.errors import UsageError, WriteError
from invsolve.plugin.scaffold import EXAMPLES, scaffold

FILES = {
    ".gitignore",
    "README.md",
    "invsolve_my_lab/__init__.py",
    "invsolve_my_lab/_plugin.py",
    "invsolve_my_lab/py.typed",
    "invsolve_my_lab/recipes/vignetting.yaml",
    "invsolve_my_lab/vignetting.py",
    "pyproject.toml",
    "tests/test_packaging.py",
    "tests/test_vignetting.py",
}


@pytest.fixture
def package(tmp_path):
    return scaffold("my-lab", tmp_path)


def run(*command, cwd, **environ):
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "INVSOLVE"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=plain | environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_there_and_names_the_plugin(package):
    assert package.name == "invsolve-my-lab"
    assert files(package) == FILES
    assert not any("acme" in path.read_text() for path in package.rglob("*") if path.is_file())
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["name"] == "invsolve-my-lab"
    assert project["entry-points"]["invsolve"] == {"my_lab": "invsolve_my_lab._plugin"}


def test_the_prefix_may_be_given(tmp_path):
    assert scaffold("invsolve-other", tmp_path).name == "invsolve-other"


def test_missing_parents_are_made(tmp_path):
    assert scaffold("my-lab", tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("name", ["My-Lab", "my_lab", "9lab", "", "-lab", "lab-", "a--b", "a/b", "../up", "a b", "é"])
def test_bad_names_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="use lower-case letters and digits"):
        scaffold(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_words_of_the_language_are_refused(tmp_path):
    with pytest.raises(UsageError, match="a word of the Python language"):
        scaffold("lambda", tmp_path)


def test_a_kind_without_a_start_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"no start for 'guidnce'\. Did you mean 'guidance'\? Kinds: operator, prior"):
        scaffold("my-lab", tmp_path, "guidnce")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["operators", "samplers", "core"])
def test_names_in_use_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="is installed already"):
        scaffold(name, tmp_path)


def test_nothing_is_overwritten(package):
    before = (package / "README.md").read_text()
    with pytest.raises(WriteError, match="exists already"):
        scaffold("my-lab", package.parent)
    assert (package / "README.md").read_text() == before


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match=r"cannot write .*file"):
        scaffold("my-lab", tmp_path / "file")


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    written = []

    def fail(self, text, **_):
        written.append(self)
        if len(written) > 3:
            raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(WriteError, match="No space left on device"):
        scaffold("my-lab", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", EXAMPLES)
def test_it_is_linted_and_formatted(tmp_path, kind):
    package = scaffold("my-lab", tmp_path, kind)
    assert not any("THE_" in path.read_text() for path in package.rglob("*") if path.is_file())
    run("ruff", "check", "--no-cache", ".", cwd=package)
    run("ruff", "format", "--no-cache", "--check", ".", cwd=package)


@pytest.mark.parametrize(
    "kind", ["operator", *(pytest.param(kind, marks=pytest.mark.slow) for kind in EXAMPLES if kind != "operator")]
)
def test_it_passes_its_own_tests(tmp_path, kind):
    package = scaffold("my-lab", tmp_path, kind)
    info = package / "invsolve_my_lab-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: invsolve-my-lab\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[invsolve]\nmy_lab = invsolve_my_lab._plugin\n")
    out = run("pytest", "-q", "-p", "no:cacheprovider", cwd=package, PYTHONPATH=str(package), OMP_NUM_THREADS="1")
    assert " passed" in out
    assert "failed" not in out


@pytest.mark.slow
def test_it_installs_and_passes_its_own_tests(package, tmp_path):
    target = tmp_path / "site"
    run("pip", "install", "--no-deps", "--no-build-isolation", "--target", str(target), str(package), cwd=tmp_path)
    out = run("pytest", "-q", cwd=package, PYTHONPATH=str(target), OMP_NUM_THREADS="1")
    assert " passed" in out
    listing = run("invsolve", "plugins", "list", cwd=tmp_path, PYTHONPATH=str(target))
    assert "invsolve-my-lab" in listing
    out = run("invsolve", "run", "vignetting", cwd=tmp_path, PYTHONPATH=str(target))
    assert "finished after 20 steps in" in out
