"""`run_in_workers`: the clips of an evaluation shared by several processes."""

import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, final

import attrs

from invsolve.blame import raised_in
from invsolve.errors import CapabilityError, InvsolveError, RunFailed
from invsolve.evaluation.evaluation import Done, Evaluation, Failed

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess


@final
@attrs.frozen(eq=False)
class Died:
    """A worker ended before its time; the others solve its clips.

    Attributes:
        message: how it ended.
    """

    message: str


def run_in_workers(evaluation: Evaluation, workers: int) -> Iterator[Done | Failed | Died]:
    """`Evaluation.run` by so many processes, each clip as it is done; each process claims what it solves.

    The numbers are those of one process with as many threads. Clips of a worker that is killed are solved by the
    others; where none is left, they are `Failed`.

    Raises:
        CapabilityError: for parts that cannot be handed to another process.
        InvsolveError: what one of the workers raised.
    """
    told: set[str] = set()
    deaths: list[str] = []
    alive = _started(evaluation, workers)
    try:
        while alive:
            for channel in wait(list(alive)):
                assert isinstance(channel, Connection)
                event = _received(channel)
                if isinstance(event, InvsolveError):
                    raise event
                if event is None:
                    worker = alive.pop(channel)
                    channel.close()
                    worker.join()
                    if worker.exitcode:
                        deaths.append(f"worker {worker.name} ended before its time ({_ending(worker.exitcode)})")
                        yield Died(deaths[-1])
                elif new := [name for name in _names(event) if name not in told]:
                    told.update(new)
                    yield event
    finally:
        for worker in alive.values():
            worker.terminate()
            worker.join()
    left = [clip for clip in evaluation.clips if clip.name not in told]
    if len(deaths) == workers:
        if left:
            yield Failed(tuple(clip.name for clip in left), f"not solved: {deaths[-1]}, and no other is left.")
        return
    # clips that none of the workers counted, since another was looking at them
    count = None if evaluation.count is None else max(0, evaluation.count - len(told))
    yield from attrs.evolve(evaluation, clips=left, count=count).run()


def _started(evaluation: Evaluation, workers: int) -> "dict[Connection, SpawnProcess]":
    context = get_context("spawn")
    alive = {}
    try:
        for number in range(1, workers + 1):
            channel, far = context.Pipe(duplex=False)
            worker = context.Process(target=_work, args=(evaluation, far), name=str(number), daemon=True)
            worker.start()
            # or its end would not be seen
            far.close()
            alive[channel] = worker
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise CapabilityError(
            f"a part of this recipe cannot be handed to another process: {error}. Leave --workers out."
        ) from error
    return alive


def _work(evaluation: Evaluation, channel: Connection) -> None:
    """The whole life of a worker."""
    # Ctrl-C reaches the whole group: the first process ends the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError):
        try:
            for event in evaluation.run():
                channel.send(event)
        except InvsolveError as error:
            channel.send(error if _portable(error) else RunFailed(str(error), None))
        except Exception as error:  # a plugin's own, which the first process tells of
            where = raised_in(error)
            channel.send(RunFailed(f"{type(error).__name__}: {error}{f', raised in {where}' if where else ''}", None))


def _received(channel: Connection) -> Done | Failed | InvsolveError | None:
    """What a worker has to say; None at its end."""
    try:
        event: Done | Failed | InvsolveError = channel.recv()
    except (EOFError, OSError, pickle.UnpicklingError):
        return None
    return event


def _names(event: Done | Failed) -> tuple[str, ...]:
    return (event.name,) if isinstance(event, Done) else event.names


def _portable(error: InvsolveError) -> bool:
    """Whether another process can take the error as it is."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever it holds or wants of its constructor
        return False
    return True


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
