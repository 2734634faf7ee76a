"""SHA-256 of what files hold."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path


def sha256_of(*paths: Path) -> str:
    """SHA-256 of the bytes of a file, or of several one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def hashing(path: Path) -> Iterator[Future[str]]:
    """`sha256_of` a regular file on a thread of its own: it takes as long as a decoder with little to do."""
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(sha256_of, path)
