"""The kit without pytest: every component of a distribution against every law, as data and as a table."""

import subprocess
import sys

import pytest

from invsolve.cli.check_table import check_table
from invsolve.errors import UnknownComponent
from invsolve.plugin import Catalog
from invsolve.testing import installed, manifest_of, pretend
from invsolve.testing.report import Report, check_distribution

MODULE = '''
import attrs
from invsolve.operator import LinearOperator
from invsolve.prior import Prior
from invsolve.noise import Noise


@attrs.frozen
class Twice(LinearOperator):
    """Sound."""

    def forward(self, x):
        return 2 * x

    def adjoint(self, y):
        return 2 * y


@attrs.frozen
class Wrong(LinearOperator):
    """Its adjoint is its inverse.

    ```yaml
    operator: {use: wrong, factor: 3.0}
    ```
    """

    factor: float

    def forward(self, x):
        return self.factor * x

    def adjoint(self, y):
        return y / self.factor


@attrs.frozen
class Without(Twice):
    """Needs a file that the reader of this example does not have."""

    file: str


@attrs.frozen
class Raises(Twice):
    """Raises what it likes."""

    def input_space(self, observed):
        raise ZeroDivisionError("by no means")
'''

MANIFEST = manifest_of(
    ("operator", "twice", "acme_parts:Twice"),
    ("operator", "wrong", "acme_parts:Wrong"),
    ("operator", "without", "acme_parts:Without"),
    ("operator", "raises", "acme_parts:Raises"),
    ("operator", "gone", "acme_parts:Gone"),
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acme")
    with installed(folder):
        pretend(folder, "invsolve-acme", manifest=MANIFEST, modules={"acme_parts.py": MODULE})
        yield Catalog.discover()


@pytest.fixture(scope="module")
def report(catalog) -> Report:
    return check_distribution(catalog, "invsolve-acme")


def verdicts(report: Report, component: str) -> dict[str, tuple[str, str]]:
    return {f.law: (f.verdict, f.detail) for f in report.findings if f.component == component}


def test_a_sound_component_obeys_or_has_nothing_to_obey(report):
    found = verdicts(report, "operator twice")
    assert {verdict for verdict, _ in found.values()} == {"passed", "skipped"}
    assert found["adjoint"] == ("passed", "")
    assert found["spectrum_rebuilds_the_operator"] == ("skipped", "it has no spectrum")


def test_a_broken_law_is_one_line_with_the_component_and_its_case(report):
    verdict, detail = verdicts(report, "operator wrong")["adjoint"]
    assert verdict == "failed"
    assert "Wrong(factor=3.0), Case(b=" in detail
    assert "\n" not in detail


def test_a_component_without_an_example_is_said_to_have_none(report):
    found = verdicts(report, "operator without")
    assert found["an example"][0] == "skipped"
    assert "its docstring has no YAML example" in found["an example"][1]
    assert "adjoint" not in found


def test_a_component_that_raises_anything_is_a_failure_and_no_crash(report):
    found = verdicts(report, "operator raises")
    assert found["an input"] == ("failed", "no input to try: ZeroDivisionError: by no means")
    assert found["pickling"][0] == "passed"


def test_a_missing_target_is_reported_by_the_packaging_checks(report):
    assert verdicts(report, "operator gone")["the target exists"][0] == "failed"


def test_waivers_are_strict(catalog):
    waivers = {"operator wrong": {"adjoint": "known"}, "operator twice": {"adjoint": "outdated"}}
    report = check_distribution(catalog, "invsolve-acme", waivers)
    assert verdicts(report, "operator wrong")["adjoint"] == ("waived", "known")
    verdict, detail = verdicts(report, "operator twice")["adjoint"]
    assert verdict == "failed"
    assert "out of date" in detail


def test_the_printed_findings_have_a_line_for_each_law(catalog, report):
    text, failed = check_table(catalog, "invsolve-acme", every_law=True)
    assert failed == len(report.broken)
    assert f"{failed} failed" in text
    assert "operator twice" in text
    for finding in report.findings:
        assert finding.law in " ".join(text.split())


def test_an_unknown_distribution_is_an_error(catalog):
    with pytest.raises(UnknownComponent, match="Did you mean 'invsolve-acme'"):
        check_distribution(catalog, "invsolve-acne")


def test_neither_pytest_nor_hypothesis_is_needed():
    code = (
        "import sys; import invsolve.testing.report; print([m for m in ('pytest', 'hypothesis') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
