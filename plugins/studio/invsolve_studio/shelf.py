"""`Shelf`: folders of visitors, which do not outlive them."""

import shutil
import threading
import time
from pathlib import Path
from typing import Final, final

import attrs

from invsolve_studio.desk import Job
from invsolve_studio.events import Result
from invsolve_studio.upload import Upload

UPLOADS: Final = "file"
RUNS: Final = "runs"


@final
@attrs.define(eq=False)
class Visitor:
    """A browser's page: its file, its job and its last result.

    Attributes:
        folder: With all that is kept for it.
        upload: Its file.
        job: What it waits for.
        result: Its last one.
        seen: When it was here last, by `time.monotonic`.
    """

    folder: Path
    upload: Upload | None = None
    job: Job | None = None
    result: Result | None = None
    seen: float = attrs.field(factory=time.monotonic)

    def new_file_folder(self) -> Path:
        """An empty folder for its file, instead of the one before."""
        self.forget_runs()
        self.upload = None
        return _fresh(self.folder / UPLOADS)

    def forget_runs(self) -> Path:
        """An empty folder for its runs, instead of those before."""
        self.result = None
        return _fresh(self.folder / RUNS)


@final
@attrs.define(eq=False)
class Shelf:
    """The visitors of a studio, as many as are kept; those who were away longest make room for others.

    Attributes:
        folder: Where theirs lie.
        most: How many are kept.
    """

    folder: Path
    most: int
    _visitors: dict[str, Visitor] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def visitor(self, name: str) -> Visitor:
        """The visitor of this name, a new one if it was not here before or was forgotten."""
        with self._lock:
            found = self._visitors.get(name)
            if found is None:
                for old in sorted(self._visitors, key=lambda each: self._visitors[each].seen)[: self._surplus()]:
                    self._forget(old)
                number = f"{len(self._visitors)}-{time.monotonic_ns():x}"
                found = self._visitors[name] = Visitor(_fresh(self.folder / number))
            found.seen = time.monotonic()
            return found

    def forget(self, name: str) -> None:
        """Cancel what the visitor waits for and delete all that is kept for it."""
        with self._lock:
            self._forget(name)

    def _surplus(self) -> int:
        return max(0, len(self._visitors) + 1 - self.most)

    def _forget(self, name: str) -> None:
        gone = self._visitors.pop(name, None)
        if gone is None:
            return
        if gone.job is not None:
            gone.job.cancel()
        shutil.rmtree(gone.folder, ignore_errors=True)


def sweep(folder: Path, seconds: float, most_bytes: int) -> None:
    """Delete the files below `folder` that are older than so many seconds, and the oldest beyond so many bytes."""
    files: list[tuple[float, int, Path]] = []
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                stat = path.stat()
                files.append((stat.st_mtime, stat.st_size, path))
        except OSError:  # gone meanwhile
            continue
    kept, now = 0, time.time()
    for modified, size, path in sorted(files, reverse=True, key=lambda each: each[0]):
        kept += size
        if kept > most_bytes or now - modified > seconds:
            path.unlink(missing_ok=True)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
