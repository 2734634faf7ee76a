"""`Upload`: a visitor's file, known by its header."""

import math
import re
import shutil
from pathlib import Path
from typing import Any, Final, Literal, final

import attrs

from invsolve.errors import ReadError
from invsolve_studio.limits import Limits
from invsolve_studio.signature import Signature

Kind = Literal["picture", "clip"]
NAME_LENGTH: Final = 40


@final
@attrs.frozen
class Upload:
    """A visitor's file in a folder of the studio's own, found to be within the limits.

    Attributes:
        path: The file.
        kind: A still picture or a clip.
        height: Of the picture or of a frame [pixels].
        width: The same.
        frames: Of the clip, as far as its header counts them; 1 of a picture.
        thumbnail: A small picture of it, once it was decoded.
    """

    path: Path
    kind: Kind
    height: int
    width: int
    frames: int | None
    thumbnail: Path | None = None

    @classmethod
    def taken(cls, source: Path, name: str, folder: Path, limits: Limits) -> "Upload":
        """Copy a file that its owner calls `name` into `folder`, once its header was found to be harmless.

        Only the header is read. Call it where a decoder may fail or hang without harm: in a process of its own.

        Raises:
            ReadError: For a file beyond the limits, of another format, or damaged as far as its header tells.
        """
        shown = plain_name(name)
        size = source.stat().st_size
        if size > limits.file_bytes:
            raise ReadError(f"{shown} has {size / 2**20:,.1f} MiB; the studio takes {limits.file_bytes / 2**20:,.1f}.")
        signature = Signature.of(source, shown)
        frames: int | None
        match signature.decoder:
            case "pillow":
                height, width, frames = _by_pillow(source, shown)
            case "tiff":
                height, width, frames = _by_tifffile(source, shown)
            case "ffmpeg":
                height, width, frames = _by_ffmpeg(source, shown)
        if height * width > limits.pixels:
            raise ReadError(
                f"{shown} has {width:,} x {height:,} pixels, {height * width / 1e6:,.1f} million; the studio takes"
                f" {limits.pixels / 1e6:,.1f} million. Make it smaller first."
            )
        if frames is not None and frames > limits.frames:
            raise ReadError(f"{shown} has {frames:,} frames; the studio takes {limits.frames:,}. Cut it first.")
        path = folder / f"{Path(shown).stem}{signature.suffix}"
        shutil.copyfile(source, path)
        still = signature.decoder != "ffmpeg" and frames == 1
        return cls(path, "picture" if still else "clip", height, width, frames)

    def reader(self, longest_side: int | None = None, frames: int | None = None) -> dict[str, Any]:
        """How a recipe beside the file reads it.

        Args:
            longest_side: It is made smaller until no side is longer [pixels].
            frames: The first so many of a clip.
        """
        read: dict[str, Any] = {"read": "image" if self.kind == "picture" else "video", "path": self.path.name}
        read |= {"channels": "rgb", "alpha": "white"}
        if longest_side is not None and longest_side < max(self.height, self.width):
            read["longest_side"] = longest_side
        if self.kind == "clip" and frames is not None and (self.frames is None or frames < self.frames):
            read["frames"] = f"0..{frames}"
        return read


def plain_name(name: str) -> str:
    """The last part of a file's name, in letters that no system minds."""
    last = re.split(r"[\\/]", name)[-1]
    stem, dot, suffix = last.rpartition(".")
    stem, suffix = (re.sub(r"[^\w-]+", "_", part).strip("_") for part in ((stem, suffix) if dot else (suffix, "")))
    return f"{stem[:NAME_LENGTH] or 'upload'}{'.' if suffix else ''}{suffix[:8]}"


def _by_pillow(path: Path, name: str) -> tuple[int, int, int]:
    from PIL import UnidentifiedImageError

    from invsolve.media.formats.pillow_picture import open_picture, quiet

    try:
        with path.open("rb") as stream, quiet(), open_picture(stream) as picture:
            return picture.height, picture.width, int(getattr(picture, "n_frames", 1))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise _damaged(name, error) from error


def _by_tifffile(path: Path, name: str) -> tuple[int, int, int]:
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            pages = len(file.pages)
            sizes = [(page.imagelength, page.imagewidth) for page in (each.aspage() for each in file.pages)]
            height, width = max(sizes, key=math.prod)
        return int(height), int(width), pages
    except Exception as error:  # its errors are of many kinds, all of which mean damage here
        raise _damaged(name, error) from error


def _by_ffmpeg(path: Path, name: str) -> tuple[int, int, int | None]:
    import av

    from invsolve.media.streams.ending import count_stated
    from invsolve.media.streams.stream import chosen_stream

    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = chosen_stream(container, None, Path(name))
            return stream.codec_context.height, stream.codec_context.width, count_stated(container, stream)
    except av.error.FFmpegError as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> ReadError:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return ReadError(f"{name} is damaged or cut short: {said}.")
