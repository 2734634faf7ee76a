"""The command line: lazy sub-commands, one message per error, exit codes.

0 done; 1 the run failed; 2 a mistake in what was asked for; 3 not calibrated; 130 interrupted. Only `--debug` shows a
traceback.
"""

import os
import select
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from invsolve.cli.message import brief
from invsolve.errors import DiskFull, InvsolveError, RunFailed, UnknownComponent, UsageError, WriteError, did_you_mean

if TYPE_CHECKING:
    from cyclopts import App

    from invsolve.plugin import Component

ABOUT: Final = """Recover what a camera could not record, with its uncertainty.

Every command takes --debug, which shows the traceback of an error.
"""
FLAGS: Final = ("--help", "-h", "--version", "--debug")
FAILED, MISUSED, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` leaves out the program's name and defaults to `sys.argv`."""
    try:
        return _reported(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        # whoever read our output has seen enough; without this the interpreter complains again when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _reported(tokens: list[str]) -> int:
    """Run one command; turn whatever it raises into one message and an exit code."""
    debug = "--debug" in _options(tokens)
    if debug:
        tokens.remove("--debug")
    try:
        with _one_line_warnings():
            code = _dispatch(tokens)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError as error:
        if _stdout_is_closed():
            raise
        return _fault(error)
    except InvsolveError as error:
        if debug:
            traceback.print_exc()
        return _say(
            " ".join([str(error), *getattr(error, "__notes__", ())]),
            FAILED if isinstance(error, RunFailed) else MISUSED,
        )
    except BaseException as error:  # the boundary: whatever happened, a part that leaves included, is one message
        if debug:
            traceback.print_exc()
        return _fault(error)
    return code


def _fault(error: BaseException) -> int:
    from invsolve.cli.faults import fault

    return _say(*fault(error))


def _stdout_is_closed() -> bool:
    """True if nobody reads our output any more."""
    try:
        sys.stdout.flush()
        watched = select.poll()
        watched.register(sys.stdout.fileno(), select.POLLERR)
        return any(event & select.POLLERR for _, event in watched.poll(0))
    except BrokenPipeError:
        return True
    except (AttributeError, OSError, ValueError):  # no poll here, or no file behind stdout
        return False


def _dispatch(tokens: list[str]) -> int:
    from cyclopts import CycloptsError

    app = _app(tokens)
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except (WriteError, DiskFull) as error:
        if _takes_out(app, tokens) and "--out" not in str(error):
            error.add_note("`--out` sets it.")
        raise
    except CycloptsError as error:
        chain = " ".join(["invsolve", *(error.command_chain or ())])
        raise UsageError(f"{error} See `{chain} --help`.") from error
    except SystemExit as leave:
        from invsolve.blame import raised_in

        # a command may leave as it likes, a part of a recipe may not
        if raised_in(leave) is not None:
            raise
        if isinstance(leave.code, str):
            return _say(leave.code, FAILED)
        return leave.code or 0
    return result if isinstance(result, int) else 0


def _takes_out(app: "App", tokens: list[str]) -> bool:
    """True if the command has an option for the place of its output."""
    _, apps, _ = app.parse_commands(tokens)
    command = apps[-1].default_command
    return command is not None and "out" in signature(command).parameters


def _app(tokens: list[str]) -> "App":
    """The app with the core's commands, and with the plugins' only if the core's are not enough."""
    from cyclopts import App

    from invsolve._plugin import COMMANDS

    app = App("invsolve", help=ABOUT, version=_version, suppress_keyboard_interrupt=False, help_format="plaintext")
    for command in COMMANDS:
        app.command(command.target, name=command.name, help=command.summary)
    word = tokens[0] if tokens else "--help"
    if word.startswith("-") and word not in FLAGS:
        raise UsageError(
            f"there is no option {word!r} before a command.{did_you_mean(word, FLAGS)} See `invsolve --help`."
        )
    if word != "--version" and word not in {command.name for command in COMMANDS}:
        _add_plugin_commands(app, word, COMMANDS)
    return app


def _add_plugin_commands(app: "App", word: str, own: "tuple[Component, ...]") -> None:
    from invsolve.plugin import Catalog

    catalog = Catalog.discover()
    offered = {catalog.recipe_name(e): e for e in catalog.of_kind("command") if e.component not in own}
    for name, entry in offered.items():
        app.command(entry.component.target, name=name, help=f"{entry.component.summary} [{entry.distribution}]")
    if word.startswith("-"):
        return
    try:
        catalog.load_entry(catalog.find("command", word))
    except UnknownComponent as error:
        names = sorted({command.name for command in own} | set(offered))
        broken = "".join(f"\n  note: plugin {failed.source} did not load: {failed.error}" for failed in catalog.broken)
        hint = catalog.elsewhere("command", word) or did_you_mean(word, names)
        raise UsageError(f"there is no command {word!r}.{hint} Commands: {', '.join(names)}.{broken}") from error


def _options(tokens: Sequence[str]) -> Sequence[str]:
    """The tokens before `--`, behind which everything is an argument."""
    return tokens[: tokens.index("--")] if "--" in tokens else tokens


def _version() -> str:
    from importlib.metadata import version

    return f"invsolve {version('invsolve')}"


def _say(message: str, code: int) -> int:
    sys.stdout.flush()
    print(brief(message), file=sys.stderr)
    return code


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if not issubclass(category, DeprecationWarning | PendingDeprecationWarning):
            print(f"warning: {brief(str(message))}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
