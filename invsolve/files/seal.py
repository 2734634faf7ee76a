"""`seal`: a hash of a file's content inside the file; `check_seal` looks whether it still holds."""

import hashlib
from pathlib import Path
from typing import Final

from invsolve.errors import ReadError
from invsolve.files.sha256 import sha256_of

KEY: Final = "content_hash"
"""The name of the group, of the item of the metadata, or of the file in a folder, that holds the seal."""
MARK: Final = "invsolve:sha256:"
BLANK: Final = MARK + 64 * "0"
"""What a writer puts where the seal is to stand; it must be kept as plain bytes."""
BLOCK: Final = 1 << 20


def seal(path: Path) -> None:
    """Put the SHA-256 of all bytes of a file, the `BLANK` among them as it is, in the place of its first `BLANK`."""
    place, _, sha256 = _read(path)
    if place is None:
        raise AssertionError(f"{path} was written without a place for its seal")
    with path.open("r+b") as stream:
        stream.seek(place)
        stream.write(sha256.encode())


def check_seal(path: Path, way_out: str) -> bool:
    """Whether a file holds a seal; raises `ReadError`, which ends in `way_out`, where its bytes are not those sealed.

    A file without one is foreign, or older than seals.
    """
    place, written, sha256 = _read(path)
    if place is not None and written != sha256:
        raise ReadError(f"{path} is damaged: its content does not have the hash that was written with it. {way_out}")
    return place is not None


def seal_folder(folder: Path) -> None:
    """Put the SHA-256 of the names and the bytes of all files below a folder into a file in it."""
    (folder / KEY).write_text(MARK + _hash_of(folder), encoding="ascii")


def check_folder(folder: Path, way_out: str) -> bool:
    """`check_seal` for a folder: one that lacks a file, or has one more, is damaged too."""
    place = folder / KEY
    if not place.is_file():
        return False
    if place.read_bytes() != (MARK + _hash_of(folder)).encode():
        raise ReadError(f"{folder} is damaged: its files do not have the hash that was written with them. {way_out}")
    return True


def _hash_of(folder: Path) -> str:
    digest = hashlib.sha256()
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name, path in sorted(names.items()):
        if name != KEY:
            digest.update(f"{name}\0{sha256_of(path)}\0".encode())
    return digest.hexdigest()


def _read(path: Path) -> tuple[int | None, str, str]:
    """The place of the first seal's digits, what they say, and the hash of the file with these digits blank."""
    mark, digits = MARK.encode(), len(BLANK) - len(MARK)
    digest = hashlib.sha256()
    place, written, offset, held = None, "", 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            held += block
            if place is None and (found := held.find(mark)) >= 0:
                held += stream.read(digits)
                start, end = found + len(mark), found + len(BLANK)
                place, written = offset + start, held[start:end].decode("latin-1")
                held = held[:start] + b"0" * len(written) + held[end:]
            # a mark may lie across two blocks
            cut = len(held) if place is not None else max(0, len(held) - len(mark))
            digest.update(held[:cut])
            offset, held = offset + cut, held[cut:]
    digest.update(held)
    return place, written, digest.hexdigest()
