"""`RunFolder`: where one run keeps everything."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final, Literal, final

import attrs

from invsolve.errors import ReadError, WriteError
from invsolve.files.atomic import cannot_write, make_folder
from invsolve.files.claim import claimed

PARTIAL: Final = ".partial"
FAILED: Final = ".failed"

State = Literal["finished", "partial", "failed"]


@final
@attrs.frozen
class RunFolder:
    """``OUT/<recipe>/<UTC>-<hash8>``; ends in ``.partial`` while the run is unfinished, in ``.failed`` after a failure.

    The suffix goes with a rename when all files are there, so that no partial result looks finished.
    """

    path: Path

    @classmethod
    def create(cls, out: Path, name: str, hash8: str) -> "RunFolder":
        """Make a new folder for a run of the recipe `name`; raises `WriteError` where that cannot be done."""
        make_folder(out / name)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in count(1):
            stem = f"{stamp}-{hash8}" if number == 1 else f"{stamp}-{hash8}-{number}"
            # two runs of one second: neither may take a name that the other will have when it is finished
            if any((out / name / f"{stem}{suffix}").exists() for suffix in ("", PARTIAL, FAILED)):
                continue
            try:
                (out / name / f"{stem}{PARTIAL}").mkdir()
            except FileExistsError:
                continue
            except OSError as error:
                raise cannot_write(out / name, error) from error
            return cls(out / name / f"{stem}{PARTIAL}")
        raise AssertionError("unreachable")

    @classmethod
    def newest(cls, out: Path, name: str, hash8: str, state: State) -> "RunFolder | None":
        """The newest run of the recipe `name` with this hash that is in `state`, or None."""
        folders = (cls(path) for path in sorted((out / name).glob(f"*-{hash8}*"), reverse=True) if path.is_dir())
        return next((folder for folder in folders if folder.state == state), None)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """The run in the folder `path`, or the newest of those in it; raises `ReadError` if there is none."""
        if not path.is_dir():
            raise ReadError(f"{path} is not the folder of a run. Runs lie in runs/<recipe>/<time>-<hash>.")
        if (path / "provenance.json").is_file():
            return cls(path)
        runs = sorted(file.parent for file in path.glob("*/provenance.json")) or sorted(
            (file.parent for file in path.glob("*/*/provenance.json")), key=lambda run: run.name
        )
        if not runs:
            raise ReadError(f"{path} holds no run: there is no provenance.json in it, nor in the folders below.")
        return cls(runs[-1])

    @property
    def state(self) -> State:
        """The state of the run: finished, partial or failed."""
        return "partial" if self.path.suffix == PARTIAL else "failed" if self.path.suffix == FAILED else "finished"

    def finish(self) -> "RunFolder":
        """Take the suffix off: everything is there."""
        return self._renamed("")

    def fail(self) -> "RunFolder":
        """Mark the run as failed for good."""
        return self._renamed(FAILED)

    def discard(self) -> None:
        """Take the folder away again, for a run that turned out to be impossible before its first step."""
        shutil.rmtree(self.path, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out while the block runs; raises `WriteError` if there is one.

        The lock goes with the process, however it ends. On Windows there is none.
        """
        with claimed(self.path, "Wait for it, or start a new run."):
            yield

    def _renamed(self, suffix: str) -> "RunFolder":
        target = self.path.with_suffix(suffix)
        if target.exists():
            raise WriteError(f"{target} exists already, so {self.path} keeps its name.")
        try:
            self.path.rename(target)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        return RunFolder(target)
