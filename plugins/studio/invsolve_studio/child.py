"""What a job does in its process: carry out an order, tell how far it is, end with a result or one message."""

import io
import os
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.cli.faults import fault
from invsolve.cli.message import brief
from invsolve.errors import InvsolveError, ReadError, RecipeError, UsageError
from invsolve.figures.display import for_display
from invsolve.files.atomic import write_text
from invsolve.plugin import Catalog
from invsolve.recipe import load_one
from invsolve.recipe.document import read_document
from invsolve.recipe.extend import read_extended
from invsolve.recipe.fault import BadRecipe, Faulty
from invsolve.recipe.node import plain
from invsolve.record.execution import Task, execute
from invsolve.record.run_folder import RunFolder
from invsolve.solving.loop import solve
from invsolve.solving.observer import Finished, Observer, Started, Stepped
from invsolve_studio.command_form import command_fields, file_parameter
from invsolve_studio.events import Done, Failed, Moved, Said
from invsolve_studio.offer import Offer
from invsolve_studio.order import Command, Look, Order, Solve, Survey
from invsolve_studio.rules import require_own
from invsolve_studio.shown import image_of, preview_of, result_of
from invsolve_studio.upload import Upload

THUMBNAIL: Final = 1024  # pixels
FASTEST: Final = 0.1  # seconds between two reports of progress


def work(order: Order, connection: Connection) -> None:
    """Carry out an order; send events through `connection`, the last of them `Done` or `Failed`."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.addaudithook(_without_network)
    sys.stdout = sys.stderr = _Spoken(connection)
    try:
        connection.send(Done(_carried_out(order, connection)))
    except BrokenPipeError:
        return  # nobody listens any more
    except InvsolveError as error:
        connection.send(Failed(_told(str(error), order)))
    except BaseException as error:  # the boundary: whatever happened, a part that leaves included, is one message
        connection.send(Failed(_told(fault(error)[0], order)))


def _carried_out(order: Order, connection: Connection) -> Any:
    match order:
        case Survey():
            return Offer.surveyed()
        case Look():
            return _look(order)
        case Solve():
            return _solve(order, connection)
        case Command():
            return _command(order)


def _look(order: Look) -> Upload:
    """Take the file, and decode as much of it as shows that it can be."""
    upload = Upload.taken(order.source, order.name, order.folder, order.limits)
    from invsolve.media import ImageReader, ReadContext, VideoReader

    try:
        if upload.kind == "picture":
            recording = ImageReader(upload.path, channels="rgb", alpha="white").read(ReadContext())
        else:
            recording = VideoReader(upload.path, channels="rgb", alpha="white", frames=1).read(ReadContext())
    except InvsolveError:
        upload.path.unlink()
        raise
    thumbnail = order.folder.parent / "thumbnail.png"
    first = for_display(recording.video[0, :, :1], recording.space.transfer)
    picture = image_of(first)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    picture.save(thumbnail)
    return attrs.evolve(upload, height=recording.space.height, width=recording.space.width, thumbnail=thumbnail)


def _solve(order: Solve, connection: Connection) -> Any:
    file = order.folder / f"{_stem(order)}.yaml"
    write_text(file, order.text, replace=True)
    try:
        _check(file, order.folder)
        recipe = load_one(file, order.overrides)
        if recipe.samples > order.limits.samples:
            raise RecipeError(f"samples: {recipe.samples}; the studio draws at most {order.limits.samples} at once.")
        connection.send(Said("reading the input"))
        task, told = Task.prepare(recipe), _Told(connection)
        if order.preview:
            solution = solve(
                task.problem, recipe.sampler, seed=recipe.seed, samples=recipe.samples, throw=False, observers=(told,)
            )
            return preview_of(solution, task.recording, order.out / "preview", load_one(file), order.folder)
        folder = RunFolder.create(order.out, recipe.name, recipe.hash8)
        command = ("invsolve", "run", file.name, *(part for each in order.overrides for part in ("--set", each)))
        done = execute(task, folder, command=command, observers=(told,), checkpoint_seconds=3600.0)
        return result_of(done.folder.path, recipe, order.folder, task.recording)
    finally:
        file.unlink(missing_ok=True)


def _check(file: Path, folder: Path) -> None:
    """Refuse a recipe that names foreign files: itself before a recipe that it extends is read, and then as a whole."""
    try:
        for read in (read_document, read_extended):
            require_own(plain(read(file)), folder)
    except Faulty as found:
        raise BadRecipe(found.faults, str(file)) from None


def _command(order: Command) -> Any:
    catalog = Catalog.discover()
    run = catalog.load("command", order.name)
    known = {field.key for field in command_fields(run)}
    stray = set(order.options) - known
    if stray:
        raise UsageError(f"{order.name} has no option {', '.join(sorted(stray))} that the studio offers.")
    samples = order.options.get("samples", 1)
    if samples > order.limits.samples:
        raise UsageError(f"samples: {samples}; the studio draws at most {order.limits.samples} at once.")
    run(**{file_parameter(run): order.path, **order.options, "out": order.out})
    folder = RunFolder.open(order.out).path
    return result_of(folder, load_one(folder), order.path.parent)


def _stem(order: Solve) -> str:
    """A recipe is called after the visitor's file, whose run it is."""
    files = sorted(each.stem for each in order.folder.iterdir() if each.suffix != ".yaml")
    return files[0] if files else "recipe"


def _told(message: str, order: Order) -> str:
    """A message as a visitor may see it: without the folders of the server, which are of no use to them."""
    hidden: dict[str, str] = {}
    match order:
        case Look(source=source, folder=folder):
            hidden = {f"{source}": order.name, f"{folder}/": ""}
        case Solve(folder=folder, out=out):
            hidden = {f"{folder}/": "", f"{out}/": ""}
        case Command(path=path, out=out):
            hidden = {f"{path.parent}/": "", f"{out}/": ""}
    for text, shown in hidden.items():
        message = message.replace(text, shown)
    return brief(message)


def _without_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and arguments[0].family != getattr(socket, "AF_UNIX", None):
        raise ReadError("the studio opens no connections: what a recipe needs has to be on this machine already.")


@final
@attrs.define(eq=False)
class _Told(Observer):
    """Tells the page how far a run is."""

    connection: Connection
    began: float = attrs.field(factory=time.monotonic)
    last: float = 0.0

    def notify(self, event: Started | Stepped | Finished) -> None:
        """Send the event on, if it is time to."""
        now = time.monotonic()
        match event:
            case Started(steps=steps):
                self.began = now
                self.connection.send(Moved(0, steps, 0.0))
            case Stepped(step=step, steps=steps) if now - self.last >= FASTEST or step == steps:
                self.last = now
                self.connection.send(Moved(step, steps, now - self.began))
            case Finished():
                self.connection.send(Said("measuring and writing results"))


@final
class _Spoken(io.TextIOBase):
    """Standard output of a command, line by line."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.open_line = ""

    def write(self, text: str) -> int:
        """Send every line that ended."""
        *lines, self.open_line = (self.open_line + text).split("\n")
        for line in lines:
            if line.strip() and not line.startswith("done:"):
                self.connection.send(Said(brief(line.strip())))
        return len(text)
