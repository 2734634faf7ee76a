"""`command`: one command of invsolve in this process, and `judged`: what counts as a fault in how it ended."""

import contextlib
import os
import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, final

import attrs

from invsolve.cli import main
from tests.reliability.verdict import Kind, Verdict

CPU_SECONDS: Final = 4.0
LONGEST: Final = 20_000  # characters of a message that somebody may still read
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
BUG: Final = re.compile(r"this is a bug in invsolve|raised in \S+ of invsolve")
KINDS: Final[dict[int, Kind]] = {0: "done", 1: "failed", 2: "refused", 3: "done", 130: "interrupted"}


@final
@attrs.frozen
class Command:
    """What a command returned or raised, and what it printed."""

    words: tuple[str, ...]
    code: Any
    out: str
    err: str

    @property
    def shown(self) -> str:
        """For whoever reads a verdict."""
        return f"invsolve {' '.join(map(repr, self.words))}: exit {self.code}: {self.err.strip()[-1500:]}"


def command(*words: str, cpu_seconds: float = CPU_SECONDS) -> Command:
    """Run a command; after `cpu_seconds` of this process's time it is interrupted, as by Ctrl-C."""
    with _file() as out, _file() as err:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _interrupted_after(cpu_seconds):
            try:
                code: Any = main(list(words))
            except BaseException as raised:  # whatever leaves `main` is what is looked for
                code = f"{type(raised).__name__} left main: {raised}"
        return Command(words, code, _read(out), _read(err))


def judged(ended: Command, folder: Path) -> Verdict:
    """A fault where the command ended otherwise than with its result or one readable message, or left rubbish."""
    complaint = _complaint(ended) or _left(folder)
    if complaint:
        return Verdict("fault", f"{complaint}: {ended.shown}")
    return Verdict(KINDS[ended.code], ended.shown)


def _complaint(ended: Command) -> str:
    if ended.code not in KINDS:
        return "no exit code of ours"
    words = [] if "--debug" in ended.words else ["Traceback"]
    for word in (*words, "Exception ignored"):
        if word in ended.err:
            return f"says {word!r}"
    if BUG.search(ended.err):
        return "an error that nobody raised on purpose"
    if ended.code in (1, 2) and not (ended.err.strip() or ended.out.strip()):
        return "says nothing"
    if len(ended.err) > LONGEST:
        return f"says {len(ended.err)} characters"
    return "control characters reach the terminal" if CONTROL.search(ended.err) else ""


def _left(folder: Path) -> str:
    rubbish = [each for each in folder.rglob(".*.partial*") if each.name.startswith(".")]
    return f"leaves {rubbish[0].relative_to(folder)}" if rubbish else ""


def _file() -> IO[str]:
    # a real file: `main` handles the descriptor of its standard output
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace")


def _read(stream: IO[str]) -> str:
    try:
        stream.flush()
        stream.seek(0)
        return stream.read()
    except OSError:  # after a broken pipe `main` gives its standard output up
        return ""


@contextlib.contextmanager
def _interrupted_after(cpu_seconds: float) -> Iterator[None]:
    def interrupt(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    # a background process of a shell inherits an ignored SIGINT
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    except KeyboardInterrupt:  # between the end of `main` and the end of the timer
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
