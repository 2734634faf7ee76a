"""`invsolve plugins list`, `show`, `check` and `new`."""

import json

import pytest

from invsolve.cli import main
from invsolve.testing.pretend import manifest_of, pretend

FLIP = '''
import attrs
from typing import final
from invsolve.operator import LinearOperator

@final
@attrs.frozen
class Flip(LinearOperator):
    """Mirror every frame from left to right.

    Attributes:
        twice: mirror again, which is no change.

    Raises:
        SpaceError: never.

    References:
        Anybody who
        looked into one.
    """

    references = ("@article{flip2026, title={On mirrors}}",)

    twice: bool = False

    def forward(self, x):
        return x.clone() if self.twice else x.flip(-1)

    def adjoint(self, y):
        return self.forward(y)
'''


@pytest.fixture
def flip(shelf):
    manifest = manifest_of(("operator", "flip", "pretend_flip:Flip"))
    pretend(shelf, "invsolve-flip", manifest=manifest, modules={"pretend_flip.py": FLIP})
    return shelf


@pytest.fixture
def invsolve(capsys):
    """Run a command; what it printed."""

    def run(*argv, code=0):
        assert main(argv) == code
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return captured.out if code in (0, 1) else captured.err

    return run


def test_list_shows_every_kind_and_who_offers_it(flip, invsolve):
    out = invsolve("plugins", "list")
    assert "operators\n" in out
    (line,) = [line for line in out.splitlines() if line.split()[:1] == ["flip"]]
    assert "Made for a test." in line
    assert line.endswith("[invsolve-flip]")


def test_list_shows_broken_plugins_and_how_to_see_more(flip, invsolve):
    pretend(flip, "invsolve-broken", manifest="import not_installed_anywhere")
    out = invsolve("plugins", "list")
    assert "did not load: invsolve-broken 1.0 (broken): ModuleNotFoundError" in out
    assert "`invsolve plugins list --broken`" in out
    assert "  flip " in out


def test_list_broken_shows_tracebacks_and_nothing_else(flip, invsolve):
    assert invsolve("plugins", "list", "--broken") == "none is broken\n"
    pretend(flip, "invsolve-broken", manifest="import not_installed_anywhere")
    out = invsolve("plugins", "list", "--broken")
    assert "invsolve_broken_manifest.py" in out
    assert "flip" not in out


def test_list_times(flip, invsolve):
    out = invsolve("plugins", "list", "--times")
    assert "import times\n" in out
    (line,) = [line for line in out.splitlines() if "invsolve-flip 1.0 (flip)" in line]
    assert line.endswith(" ms")


def test_list_json(flip, invsolve):
    pretend(flip, "invsolve-broken", manifest="import not_installed_anywhere")
    listing = json.loads(invsolve("plugins", "list", "--json"))
    (plugin,) = [plugin for plugin in listing["plugins"] if plugin["distribution"] == "invsolve-flip"]
    assert plugin["version"] == "1.0"
    flip_itself = {"kind": "operator", "name": "flip", "target": "pretend_flip:Flip", "summary": "Made for a test."}
    assert plugin["components"] == [{**flip_itself, "api": 1, "takes": []}]
    (broken,) = listing["broken"]
    assert broken["error"].startswith("ModuleNotFoundError")
    assert broken["traceback"].startswith("Traceback")


def test_list_with_plugins_kept_out(flip, invsolve, monkeypatch):
    monkeypatch.setenv("INVSOLVE_PLUGINS", "core")
    out = invsolve("plugins", "list")
    assert "[invsolve-flip]" not in out
    assert "kept out by INVSOLVE_PLUGINS: invsolve 0" in out


def test_list_with_no_plugin_at_all(invsolve, monkeypatch):
    monkeypatch.setenv("INVSOLVE_PLUGINS", "")
    assert "no plugin offers anything" in invsolve("plugins", "list")


def test_strict_mode_is_a_mistake_of_the_user(flip, invsolve, monkeypatch):
    pretend(flip, "invsolve-broken", manifest="import not_installed_anywhere")
    monkeypatch.setenv("INVSOLVE_STRICT_PLUGINS", "1")
    err = invsolve("plugins", "list", code=2)
    assert err == (
        "plugin invsolve-broken 1.0 (broken) did not load: ModuleNotFoundError: No module named "
        "'not_installed_anywhere' (INVSOLVE_STRICT_PLUGINS is set)\n"
    )


def test_show(flip, invsolve):
    assert invsolve("plugins", "show", "flip") == (
        "operator flip\n"
        "pretend_flip:Flip, from invsolve-flip 1.0\n"
        "\n"
        "Mirror every frame from left to right.\n"
        "\n"
        "Fields\n"
        "    twice: bool = False\n"
        "        mirror again, which is no change.\n"
        "\n"
        "Raises\n"
        "    SpaceError: never.\n"
        "\n"
        "In Python\n"
        "    from pretend_flip import Flip\n"
        "\n"
        "    Flip(twice=False)\n"
        "\n"
        "In a recipe\n"
        "    operator: {use: flip, twice: false}\n"
        "\n"
        "References\n"
        "    Anybody who looked into one.\n"
        "\n"
        "    @article{flip2026, title={On mirrors}}\n"
    )


def test_show_of_several_kinds_shows_all_or_one(flip, invsolve):
    pretend(flip, "invsolve-noisy", manifest=manifest_of(("operator", "poisson", "pretend_flip:Flip")))
    out = invsolve("plugins", "show", "poisson")
    assert "operator poisson\n" in out
    assert "noise poisson\n" in out
    assert "operator poisson\n" not in invsolve("plugins", "show", "poisson", "--kind", "noise")


def test_show_unknown(invsolve):
    assert "no installed plugin offers anything called 'pisson'. Did you mean 'poisson'?" in invsolve(
        "plugins", "show", "pisson", code=2
    )
    assert "no installed plugin offers a prior called 'poisson'." in invsolve(
        "plugins", "show", "poisson", "--kind", "prior", code=2
    )


def test_show_ambiguous(flip, invsolve):
    pretend(flip, "invsolve-more", manifest=manifest_of(("operator", "flip", "pretend_flip:Flip")))
    assert "write 'invsolve-flip:flip' or 'invsolve-more:flip' to choose" in invsolve("plugins", "show", "flip", code=2)
    assert "operator: {use: invsolve-more:flip, twice: false}" in invsolve("plugins", "show", "invsolve-more:flip")


def test_check_passes_a_good_plugin(flip, invsolve):
    out = invsolve("plugins", "check", "invsolve-flip")
    assert "operator flip" in out
    assert "FAILED" not in out


def test_check_advises_on_fields_in_the_form_of_earlier_versions(flip, invsolve):
    source = FLIP.replace("    Attributes:\n        twice: mirror", "    - ``twice``: mirror")
    manifest = manifest_of(("operator", "old", "pretend_old:Flip"))
    pretend(flip, "invsolve-old", manifest=manifest, modules={"pretend_old.py": source})
    out = " ".join(invsolve("plugins", "check", "invsolve-old").split())
    assert "FAILED" not in out
    assert "advice: the docstring says what fields mean: the docstring of Flip explains twice in items" in out
    assert "Write them as a section: `Attributes:`" in out


def test_check_fails_a_bad_one_and_says_why(flip, invsolve):
    source = FLIP.replace("@attrs.frozen", "@attrs.define").replace("twice", "use")
    manifest = "import numpy\n" + manifest_of(
        ("operator", "bad", "pretend_bad:Flip"), ("operator", "gone", "gone:Gone")
    )
    pretend(flip, "invsolve-bad", manifest=manifest, modules={"pretend_bad.py": source})
    out = invsolve("plugins", "check", "invsolve-bad", code=1)
    for says in ("also imports numpy", "@attrs.frozen", "field 'use'", "could not be imported from gone:Gone"):
        assert says in " ".join(out.split())


def test_check_of_a_plugin_that_does_not_load(flip, invsolve):
    pretend(flip, "invsolve-broken", manifest="import not_installed_anywhere")
    assert "No module named 'not_installed_anywhere'" in invsolve("plugins", "check", "invsolve-broken", code=1)


def test_check_unknown(flip, invsolve):
    err = invsolve("plugins", "check", "invsolve-flop", code=2)
    assert "no plugin of a distribution called 'invsolve-flop' is installed. Did you mean 'invsolve-flip'?" in err


def test_new_says_what_to_do_next(tmp_path, invsolve):
    out = invsolve("plugins", "new", "my-lab", "--dir", str(tmp_path))
    assert f"wrote {tmp_path / 'invsolve-my-lab'}" in out
    assert "python -m pytest" in out
    assert "exists already" in invsolve("plugins", "new", "my-lab", "--dir", str(tmp_path), code=2)
