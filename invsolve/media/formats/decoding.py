"""`decoding`: what a decoder raises, as a `ReadError` that tells damage from what the decoder cannot do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import UnidentifiedImageError

from invsolve.errors import InvsolveError, ReadError

_CANNOT: Final = (
    "not supported",
    "unsupported",
    "not implemented",
    "not available",
    "requires the",
    "unknown compression",
)


@contextmanager
def decoding(path: Path, library: str) -> Iterator[None]:
    """Around calls of `library` on the file `path`; raises `ReadError` for whatever is raised there.

    Decoders raise errors of many types for the same damage, so that all of them are caught.
    """
    try:
        yield
    except (InvsolveError, UnidentifiedImageError):
        raise
    except MemoryError as error:
        raise ReadError(f"{path} takes more memory to decode than there is. Scale it down first.") from error
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, NotImplementedError) or any(sign in words.lower() for sign in _CANNOT):
            raise ReadError(
                f"{path} is stored in a way that {library} cannot decode: {words[:200]}. Save it as PNG or as TIFF"
                " without compression."
            ) from error
        raise ReadError(f"{path} is damaged or cut short: {words[:200]}. Get a complete copy.") from error
