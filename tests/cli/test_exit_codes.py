"""One message on stderr, an exit code that says whose turn it is, and no traceback unless asked for."""

import os
import signal
import subprocess
import sys

import pytest

from invsolve.cli import main
from invsolve.testing.pretend import manifest_of, pretend

COMMANDS = '''
import sys
import time
import warnings

from invsolve.errors import RecipeError, RunFailed


def fine():
    """Nothing to report."""


def three() -> int:
    return 3


def leave():
    sys.exit(4)


def leave_with_a_word():
    sys.exit("no more")


def misused():
    raise RecipeError("a.yaml:1:1: sead: unknown key.")


def failed():
    raise RunFailed("the sampler produced NaN at step 5")


def bug():
    raise ZeroDivisionError("division\\nby zero")


def interrupted():
    raise KeyboardInterrupt


def warned():
    warnings.warn("mind the gap")
    warnings.warn("old news", DeprecationWarning)


def echo(*words: str):
    print(*words)


def chatter():
    for line in range(100_000):
        print(line)


def wait():
    print("waiting", flush=True)
    time.sleep(60)
'''
NAMES = (
    "fine",
    "three",
    "leave",
    "leave_with_a_word",
    "misused",
    "failed",
    "bug",
    "interrupted",
    "warned",
    "echo",
    "chatter",
    "wait",
)


@pytest.fixture
def commands(shelf):
    """A plugin with commands that end in every way a command can end."""
    manifest = manifest_of(*(("command", name, f"pretend_commands:{name}") for name in NAMES))
    pretend(shelf, "invsolve-commands", manifest=manifest, modules={"pretend_commands.py": COMMANDS})
    return shelf


def start(shelf, *arguments, **options):
    environ = os.environ | {"PYTHONPATH": str(shelf)}
    return subprocess.Popen(
        [sys.executable, "-m", "invsolve", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("fine", 0, ""),
        ("three", 3, ""),
        ("leave", 4, ""),
        ("leave_with_a_word", 1, "no more\n"),
        ("misused", 2, "a.yaml:1:1: sead: unknown key.\n"),
        ("failed", 1, "the sampler produced NaN at step 5\n"),
        ("interrupted", 130, "interrupted\n"),
        (
            "bug",
            1,
            "ZeroDivisionError: division by zero\n"
            "  this is a bug in invsolve or a plugin; run again with --debug to see where\n",
        ),
    ],
)
def test_how_a_command_ends(commands, capsys, command, code, message):
    assert main([command]) == code
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(("command", "code"), [("misused", 2), ("failed", 1), ("bug", 1)])
@pytest.mark.parametrize("behind", [True, False])
def test_debug_shows_where(commands, capsys, command, code, behind):
    assert main([command, "--debug"] if behind else ["--debug", command]) == code
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert "pretend_commands.py" in err


def test_debug_behind_two_dashes_is_an_argument(commands, capsys):
    assert main(["echo", "--", "--debug"]) == 0
    assert capsys.readouterr().out == "--debug\n"


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["plugns"], "there is no command 'plugns'. Did you mean 'plugins'? Commands: "),
        (["plugins", "lst"], 'Unknown command "lst". Did you mean "list"?'),
        (
            ["plugins", "list", "--jsom"],
            "Unknown option: --jsom. Did you mean --json? See `invsolve plugins list --help`.",
        ),
        (["plugins", "list", "--json=maybe"], "Invalid value for --json"),
        (["plugins", "show"], "requires an argument"),
        (["plugins", "list", "extra"], "Unused Tokens"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_arguments_are_one_line(capsys, argv, says):
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"], ["plugins"], ["plugins", "list", "--help"]])
def test_help(capsys, argv):
    assert main(argv) == 0
    captured = capsys.readouterr()
    assert "Usage: invsolve" in captured.out
    assert captured.err == ""


def test_help_lists_the_commands_of_plugins(commands, capsys):
    assert main(["--help"]) == 0
    assert "Made for a test. [invsolve-commands]" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("invsolve ")


def test_an_unknown_command_mentions_broken_plugins(shelf, capsys):
    pretend(shelf, "invsolve-broken", manifest="import not_installed_anywhere")
    assert main(["dream"]) == 2
    assert "plugin invsolve-broken 1.0 (broken) did not load: ModuleNotFoundError" in capsys.readouterr().err


def test_a_command_offered_twice(commands, capsys):
    pretend(commands, "invsolve-more", manifest=manifest_of(("command", "three", "pretend_commands:three")))
    assert main(["three"]) == 2
    assert "command 'three' is offered by invsolve-commands and invsolve-more" in capsys.readouterr().err
    assert main(["invsolve-more:three"]) == 3


def test_the_cores_commands_stay_the_cores(shelf, capsys):
    pretend(shelf, "invsolve-more", manifest=manifest_of(("command", "plugins", "no_such_module:plugins")))
    assert main(["plugins", "list"]) == 0


def test_a_command_that_cannot_be_imported(shelf, capsys):
    pretend(shelf, "invsolve-more", manifest=manifest_of(("command", "dream", "no_such_module:dream")))
    assert main(["dream"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("command 'dream' of invsolve-more 1.0 could not be imported from no_such_module:dream: ")
    assert "Traceback" not in err


def test_a_broken_plugin_does_not_stop_the_core(shelf, capsys):
    pretend(shelf, "invsolve-broken", manifest="raise SystemExit(7)")
    assert main(["plugins", "list"]) == 0


def test_warnings_are_one_line_and_only_those_for_users(commands):
    process = start(commands, "warned")
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "warning: mind the gap\n")


def test_ctrl_c(commands):
    process = start(commands, "wait")
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted\n")


def test_a_closed_pipe_is_quiet(commands):
    process = start(commands, "chatter")
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141
    process.stderr.close()
