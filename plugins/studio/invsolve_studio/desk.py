"""`Desk`: one job at a time, each in a process of its own; the others wait for their turn."""

import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Final, final

import attrs
import psutil

from invsolve_studio.events import Cancelled, Done, Event, Failed, Waiting
from invsolve_studio.limits import Limits
from invsolve_studio.order import Order

POLL: Final = 0.1  # seconds
GRACE: Final = 2.0  # seconds that a process has to leave before it is killed


@final
@attrs.define(eq=False)
class Job:
    """An order on its way."""

    order: Order
    stopped: threading.Event = attrs.field(factory=threading.Event)

    def cancel(self) -> None:
        """Stop it, wherever it is; its process is gone a moment later."""
        self.stopped.set()


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["invsolve_studio.warm"])
    return context


@final
@attrs.define(eq=False)
class Desk:
    """One job at a time, each in a process of its own; the others wait for their turn in the order of their coming.

    A process of its own makes a cancelled job stop at once, gives back all of its memory, and leaves a decoder that
    crashes on a damaged file without harm. It is forked from one that has imported everything, where the system can.

    Attributes:
        limits: What one job may take.
        context: How processes are made.
    """

    limits: Limits = attrs.field(factory=Limits)
    context: BaseContext = attrs.field(factory=_context)
    _queue: deque[Job] = attrs.field(factory=deque, init=False)
    _turn: threading.Condition = attrs.field(factory=threading.Condition, init=False)

    def events(self, job: Job) -> Iterator[Event]:
        """Everything that happens to a job; whoever stops listening cancels it."""
        with self._turn:
            if len(self._queue) > self.limits.waiting:
                yield Failed(f"{len(self._queue)} jobs are waiting already. Try again in a few minutes.")
                return
            self._queue.append(job)
        try:
            yield from self._waited(job)
            if job.stopped.is_set():
                yield Cancelled()
                return
            yield from self._worked(job)
        finally:
            job.cancel()
            with self._turn:
                self._queue.remove(job)
                self._turn.notify_all()

    def warm_up(self) -> None:
        """Import in advance what jobs need; returns when that is done."""
        process = self.context.Process(target=_nothing)  # type: ignore[attr-defined]  # every context has it
        process.start()
        process.join()

    def _waited(self, job: Job) -> Iterator[Event]:
        told = -1
        while not job.stopped.is_set():
            with self._turn:
                ahead = self._queue.index(job)
                if ahead == told and ahead:
                    self._turn.wait(POLL)
                    ahead = self._queue.index(job)
            if not ahead:
                return
            if ahead != told:
                yield Waiting(told := ahead)

    def _worked(self, job: Job) -> Iterator[Event]:
        from invsolve_studio.entry import enter

        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=enter, args=(job.order, there), daemon=True)  # type: ignore[attr-defined]
        try:
            process.start()
        except (OSError, EOFError) as error:
            here.close()
            there.close()
            yield Failed(f"this machine starts no further process for the studio ({error}). Try again.")
            return
        there.close()
        ends = time.monotonic() + self.limits.seconds
        try:
            while True:
                if job.stopped.is_set():
                    yield Cancelled()
                    return
                event = _next(here)
                if event is not None:
                    yield event
                    if isinstance(event, Done | Failed):
                        return
                elif not process.is_alive() and not here.poll():
                    yield Failed(_died(process))
                    return
                elif time.monotonic() > ends:
                    yield Failed(
                        f"stopped after {self.limits.seconds:.0f} s, the most that the studio gives to one job."
                    )
                    return
                elif (taken := _memory(process)) > self.limits.memory_bytes:
                    yield Failed(
                        f"stopped at {taken / 2**30:.1f} GiB of memory; the studio gives"
                        f" {self.limits.memory_bytes / 2**30:.1f} to one job. Ask for a smaller picture, fewer"
                        " frames or fewer samples."
                    )
                    return
        finally:
            here.close()
            _end(process)


def _nothing() -> None:
    return None


def _next(connection: Any) -> Event | None:
    """The next event, if one comes soon."""
    try:
        event: Event | None = connection.recv() if connection.poll(POLL) else None
    except (EOFError, OSError):
        time.sleep(POLL)
        return None
    return event


def _died(process: BaseProcess) -> str:
    return (
        f"the process that worked on this ended without a word (exit code {process.exitcode}). A damaged file can make"
        " a decoder crash; otherwise the machine may have run out of memory."
    )


def _memory(process: BaseProcess) -> int:
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(GRACE)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()
