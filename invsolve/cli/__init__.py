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
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invsolve import __version__
from invsolve.cli.message import brief
from invsolve.errors import DiskFull, InvsolveError, RunFailed, UnknownComponent, UsageError, WriteError, did_you_mean

if TYPE_CHECKING:
    from cyclopts import App

    from invsolve.plugin import Catalog

HELP: Final = ("--help", "-h")
FLAGS: Final = (*HELP, "--version", "--debug")
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
    if not tokens or tokens[0] in HELP:
        print(_overview(), end="")
        return 0
    if tokens[0] == "--version":
        print(f"invsolve {__version__}")
        return 0
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
    from inspect import signature

    _, apps, _ = app.parse_commands(tokens)
    command = apps[-1].default_command
    return command is not None and "out" in signature(command).parameters


def _app(tokens: list[str]) -> "App":
    """The app with the core's commands, and with the plugins' only if the core's are not enough."""
    from cyclopts import App

    from invsolve._plugin import COMMANDS

    app = App("invsolve", suppress_keyboard_interrupt=False, help_format="plaintext", version_flags=())
    for command in COMMANDS:
        app.command(command.target, name=command.name, help=command.summary)
    word = tokens[0]
    if word.startswith("-") and word not in FLAGS:
        raise UsageError(
            f"there is no option {word!r} before a command.{did_you_mean(word, FLAGS)} See `invsolve --help`."
        )
    if word not in {command.name for command in COMMANDS}:
        _add_plugin_commands(app, word)
    return app


def _overview() -> str:
    from invsolve.cli.overview import overview
    from invsolve.plugin import Catalog

    return overview(_commands(Catalog.discover()).items())


def _commands(catalog: "Catalog") -> dict[str, str]:
    """The summary of each command, by the name that calls it."""
    from invsolve._plugin import COMMANDS

    offered = {
        catalog.recipe_name(e): f"{e.component.summary} [{e.distribution}]"
        for e in catalog.of_kind("command")
        if e.component not in COMMANDS
    }
    return {command.name: command.summary for command in COMMANDS} | offered


def _add_plugin_commands(app: "App", word: str) -> None:
    from invsolve.plugin import Catalog

    catalog = Catalog.discover()
    try:
        entry = catalog.find("command", word)
        catalog.load_entry(entry)
    except UnknownComponent as error:
        if Path(word).exists():
            from invsolve.cli.suggestions import suggestions

            raise UsageError(suggestions(Path(word), catalog)) from None
        broken = "".join(f"\n  note: plugin {failed.source} did not load: {failed.error}" for failed in catalog.broken)
        names = sorted(_commands(catalog))
        hint = catalog.elsewhere("command", word) or did_you_mean(word, names)
        raise UsageError(f"there is no command {word!r}.{hint} Commands: {', '.join(names)}.{broken}") from error
    app.command(entry.component.target, name=word, help=f"{entry.component.summary} [{entry.distribution}]")


def _options(tokens: Sequence[str]) -> Sequence[str]:
    """The tokens before `--`, behind which everything is an argument."""
    return tokens[: tokens.index("--")] if "--" in tokens else tokens


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
