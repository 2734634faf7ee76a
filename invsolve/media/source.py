"""The file behind an input: that it is there."""

from pathlib import Path

from invsolve.errors import ReadError, did_you_mean


def require_file(path: Path) -> None:
    """Raise `ReadError` unless `path` is a file that can be read and is not empty."""
    try:
        if path.is_dir():
            raise ReadError(f"{path} is a folder, expected a file. For a folder of pictures write `read: frames`.")
        if not path.exists():
            raise ReadError(f"{path} does not exist.{_near(path)}")
        if not path.is_file():
            raise ReadError(f"{path} is not a regular file.")
        with path.open("rb") as stream:
            if not stream.read(1):
                raise ReadError(f"{path} is empty (0 bytes).")
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from error


def require_folder(path: Path) -> None:
    """Raise `ReadError` unless `path` is a folder."""
    if path.is_file():
        raise ReadError(f"{path} is a file, expected a folder of pictures. For one picture write `read: image`.")
    if not path.is_dir():
        raise ReadError(f"{path} does not exist.{_near(path)}")


def _near(path: Path) -> str:
    try:
        neighbours = [neighbour.name for neighbour in path.parent.iterdir()]
    except OSError:
        return f" Neither does the folder {path.parent}."
    return did_you_mean(path.name, neighbours)
