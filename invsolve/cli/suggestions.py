"""`suggestions`: what can be done with a file, for those who name it without a command."""

import mimetypes
import shlex
from pathlib import Path
from typing import Final

from invsolve.plugin import Catalog
from invsolve.plugin.component import File

ARRAYS: Final = (".npz", ".npy", ".nc", ".h5", ".hdf5", ".mat")
PICTURES: Final = (".exr", ".dng", ".cr2", ".nef", ".arw", ".raf", ".pgm", ".ppm", ".jp2", ".jxl", ".avif", ".heic")
CLIPS: Final = (".gif", ".y4m", ".mkv", ".webm", ".mxf", ".m2ts")
IN_WORDS: Final[dict[File, str]] = {
    "picture": "a picture",
    "clip": "a clip",
    "array": "arrays",
    "recipe": "a recipe",
    "run": "the folder of a run",
}


def suggestions(path: Path, catalog: Catalog) -> str:
    """The commands that begin with a file like `path`, ready to be copied."""
    kind = file_kind(path)
    if kind is None:
        return (
            f"{path} is no command. `invsolve inspect {shlex.quote(str(path))}` says what the file is taken for; "
            "`invsolve --help` lists the commands."
        )
    rows = [
        (f"invsolve {catalog.recipe_name(entry)} {shlex.quote(str(path))}", entry.component.summary)
        for entry in catalog.of_kind("command")
        if kind in entry.component.takes
    ]
    missing = catalog.elsewhere("command", "deblur").strip() if kind == "picture" else ""
    if missing:
        summary = f"The video behind a motion-blurred photograph. {missing}"
        rows.insert(0, (f"invsolve deblur {shlex.quote(str(path))}", summary))
    width = max((len(command) for command, _ in rows), default=0)
    listed = "".join(f"\n  {command:{width}}  {summary}" for command, summary in rows)
    return f"{path} is no command. It looks like {IN_WORDS[kind]}; what can be done with it:{listed}"


def file_kind(path: Path) -> File | None:
    """What a file or folder is, by its name and what lies in it; None where that does not tell."""
    if path.is_dir():
        return "run" if (path / "resolved.yaml").is_file() else "clip"
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return "recipe"
    if suffix in ARRAYS:
        return "array"
    said = (mimetypes.guess_type(path.name)[0] or "").partition("/")[0]
    if suffix in CLIPS or said == "video":
        return "clip"
    return "picture" if suffix in PICTURES or said == "image" else None
