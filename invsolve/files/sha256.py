"""`sha256_of`: what files hold, as one hash."""

import hashlib
from pathlib import Path


def sha256_of(*paths: Path) -> str:
    """SHA-256 of the bytes of a file, or of several one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
