"""`in_child`: something done in a process of its own, which may crash, hang, or be killed."""

import contextlib
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, final

import attrs

MEMORY: Final = 4 << 30


@final
@attrs.frozen
class Ended:
    """How a child ended.

    Attributes:
        signal: what killed it, 0 for none.
        hung: True if it was killed because its time was over.
        value: what its function returned, through JSON; None if it did not.
        noise: the end of what it, or a library in it, wrote to its standard streams.
    """

    signal: int
    hung: bool
    value: Any
    noise: str

    @property
    def lost(self) -> str:
        """Why there is no value, in a few words; empty if there is one."""
        if self.hung:
            return "hangs"
        if self.signal:
            return f"crashes: {signal.Signals(self.signal).name}"
        return "" if self.value is not None else "its process ended without a word"


def in_child(
    action: Callable[[], Any],
    scratch: Path,
    *,
    seconds: float = 120.0,
    cpu_seconds: int = 60,
    killed_after: float | None = None,
) -> Ended:
    """Call `action` in a fork of this process, and return how that ended.

    Args:
        scratch: a folder for what the child writes to its standard streams, and its result.
        seconds: after which it counts as hanging.
        cpu_seconds: after which it counts as hanging.
        killed_after: processor time [s] after which the kernel ends the child, wherever it is.
    """
    result, streams = scratch / ".result.json", scratch / ".streams.txt"
    result.unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _be_child(action, result, streams, cpu_seconds, killed_after)
    with _descriptor(pid) as watched:
        hung = not select.select([watched], [], [], seconds)[0]
        if hung:
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    value = None
    if not number and result.exists():
        value = json.loads(result.read_text(encoding="utf-8"))["value"]
    noise = streams.read_bytes()[-2000:].decode(errors="replace") if streams.exists() else ""
    return Ended(number, hung or number == signal.SIGXCPU, value, noise)


@contextlib.contextmanager
def _descriptor(pid: int) -> Any:
    """Becomes readable when the process ends."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _be_child(
    action: Callable[[], Any], result: Path, streams: Path, cpu_seconds: int, killed_after: float | None
) -> None:
    # nothing may come back from here: the caller of the parent would run twice
    try:
        written = os.open(streams, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(written, 1)
        os.dup2(written, 2)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_CPU, cpu_seconds)
        _limit(resource.RLIMIT_AS, _address_space() + MEMORY)
        if killed_after is not None:
            # its default action ends the process at once, as SIGKILL does: no handler and no `finally` runs
            signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_VIRTUAL, max(1e-4, killed_after))
        value = action()
        result.write_text(json.dumps({"value": value}), encoding="utf-8")
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _limit(what: int, amount: int) -> None:
    """Limit this process, and leave room for the limits of its own children."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (amount if hard == resource.RLIM_INFINITY else min(amount, hard), hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
