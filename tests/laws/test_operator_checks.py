"""`OperatorChecks` under pytest: one line for a broken law, strict waivers, skips that say why."""

import subprocess
import sys

import pytest

MODULE = """
import attrs
from invsolve.operator import LinearOperator
from invsolve.testing import OperatorChecks, Sizes

@attrs.frozen
class Twice(LinearOperator):
    back: float = 2.0
    def forward(self, x):
        return 2 * x
    def adjoint(self, y):
        return self.back * y

class Checks(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(1,), height=(2,), width=(3,))

class TestSound(Checks):
    def make(self):
        return Twice()

class TestBroken(Checks):
    def make(self):
        return Twice(back=0.5)

class TestWaived(TestBroken):
    expect_fail = {"adjoint": "known"}

class TestOutdatedWaiver(TestSound):
    expect_fail = {"adjoint": "no longer true"}

class TestMisspeltWaiver(TestSound):
    expect_fail = {"adjiont": "typo"}
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("kit")
    (folder / "test_kit.py").write_text(MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-k", "adjoint or spectrum", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def verdict(lines: list[str], test: str, law: str) -> str:
    (line,) = (
        line for line in lines if f"test_kit.py::{test}::test_law[{law}]" in line and not line.startswith("test_")
    )
    return line


def test_a_sound_operator_passes(lines):
    assert verdict(lines, "TestSound", "adjoint").startswith("PASSED")


def test_a_broken_law_prints_its_case_in_one_line(lines):
    assert verdict(lines, "TestBroken", "adjoint").startswith("FAILED")
    (line,) = (line for line in lines if line.startswith("E ") and "law 'adjoint' is broken." in line)
    assert "Twice(back=0.5), Case(b=1, c=1, t=1, h=2, w=3, dtype='float64', seed=0): <A x, y> =" in line
    assert line.endswith("ratio 0.25.")


def test_a_waiver_of_a_broken_law_is_an_expected_failure(lines):
    assert verdict(lines, "TestWaived", "adjoint").startswith("XFAIL")


def test_a_waiver_of_a_law_that_holds_is_a_failure(lines):
    assert verdict(lines, "TestOutdatedWaiver", "adjoint").startswith("FAILED")
    assert any("XPASS(strict)" in line and "no longer true" in line for line in lines)


def test_a_waiver_of_an_unknown_law_is_an_error(lines):
    assert verdict(lines, "TestMisspeltWaiver", "adjoint").startswith("FAILED")
    assert any("'adjiont', which is not a law. Did you mean 'adjoint'?" in line for line in lines)


def test_a_law_without_anything_to_say_is_skipped_with_its_reason(lines):
    assert any(line.startswith("SKIPPED") and line.endswith("it has no spectrum") for line in lines)
