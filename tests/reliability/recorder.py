"""`Recorder`: what is on a disk before each of its changes of names, and which contents are safe from a power loss."""

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Final, final

import attrs

CHANGES: Final = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "open"})


@final
@attrs.frozen
class Snapshot:
    """A folder at one moment.

    Attributes:
        folders: the paths in it that are folders.
        files: the SHA-256 of each file, and whether that very content was synchronised with the disk.
    """

    folders: tuple[str, ...]
    files: dict[str, tuple[str, bool]]


@final
@attrs.define
class Recorder:
    """Listens to Python's audit events; contents that libraries write are seen by looking at the folder each time.

    What it records is a journal whose entries reach the disk in order, while the content of a file does so at its
    `fsync` or at any time: what journalling file systems promise.
    """

    watched: Path
    blobs: Path
    snapshots: list[Snapshot] = attrs.field(factory=list)
    synced: dict[str, str] = attrs.field(factory=dict)
    seen: dict[str, tuple[tuple[int, int, int], str]] = attrs.field(factory=dict)
    busy: bool = False

    def start(self) -> None:
        """Listen until the process ends: there is no way to take an audit hook off."""
        fsync = os.fsync

        def syncing(descriptor: Any) -> None:
            fsync(descriptor)
            number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
            self._synchronised(str(Path(f"/proc/self/fd/{number}").readlink()))

        os.fsync = syncing  # the process is one test's
        sys.addaudithook(self._heard)

    def look(self) -> None:
        """Take a snapshot, if anything is other than at the last one."""
        self.busy = True
        folders, files = [], {}
        for path in sorted(self.watched.rglob("*")):
            name = str(path.relative_to(self.watched))
            if path.is_dir():
                folders.append(name)
                continue
            with contextlib.suppress(FileNotFoundError):  # another thread may take it away meanwhile
                content = self._content(name, path)
                files[name] = (content, self.synced.get(name) == content)
        found = Snapshot(tuple(folders), files)
        if not self.snapshots or found != self.snapshots[-1]:
            self.snapshots.append(found)
        self.busy = False

    def keep(self, path: Path) -> None:
        """Write the snapshots as JSON."""
        path.write_text(json.dumps([attrs.asdict(each) for each in self.snapshots]), encoding="utf-8")

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if self.busy or event not in CHANGES or not isinstance(given[0], str | os.PathLike):
            return
        if event == "open" and not (isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        first = Path(os.path.abspath(given[0]))  # noqa: PTH100  what a symbolic link points at is not of interest
        if not first.is_relative_to(self.watched):
            return
        self.look()
        if event == "os.rename":
            self._renamed(first, Path(os.path.abspath(given[1])))  # noqa: PTH100

    def _renamed(self, before: Path, after: Path) -> None:
        old, new = str(before.relative_to(self.watched)), str(after.relative_to(self.watched))
        for name in list(self.synced):
            if name == old or name.startswith(f"{old}/"):
                self.synced[new + name[len(old) :]] = self.synced.pop(name)

    def _synchronised(self, path: str) -> None:
        if Path(path).is_relative_to(self.watched) and Path(path).is_file():
            name = str(Path(path).relative_to(self.watched))
            self.busy = True
            self.synced[name] = self._content(name, Path(path))
            self.busy = False

    def _content(self, name: str, path: Path) -> str:
        facts = path.stat()
        stamp = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if name not in self.seen or self.seen[name][0] != stamp:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if not (self.blobs / digest).exists():
                (self.blobs / digest).write_bytes(content)
            self.seen[name] = (stamp, digest)
        return self.seen[name][1]


def recorded(path: Path) -> list[Snapshot]:
    """The snapshots that `Recorder.keep` wrote."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return [
        Snapshot(tuple(each["folders"]), {name: (sha, bool(safe)) for name, (sha, safe) in each["files"].items()})
        for each in read
    ]
