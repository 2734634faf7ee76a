"""Write docs/formats.md, what is read of each format, by writing files and reading them: `python tools/formats.py`."""

import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np
import torch
from format_entries import ENTRIES, FLAT, LEVELS, Entry

from invsolve.errors import InvsolveError
from invsolve.media import (
    FramesReader,
    ImageReader,
    NetCDFReader,
    NpzReader,
    ReadContext,
    Reader,
    Recording,
    VideoReader,
    write_png,
    write_video,
)
from invsolve.record.recording_folder import write_recording
from invsolve.video.space import VideoSpace

PAGE: Final = Path(__file__).parents[1] / "docs" / "formats.md"
LIBRARIES: Final = ("av", "imagecodecs", "netpbmfile", "openexr", "pillow", "rawpy", "tifffile")

INTRODUCTION = """# What is read of each format

Written by `python tools/formats.py`, which writes a file for each entry, reads it and compares. `InvsolveError` is the
only way in which a file is refused; `invsolve inspect FILE` says what a file is taken for.

- **Error**: the largest difference from what was written, where 1 is white; lossy formats are marked.
- **Light**: the transfer with which a file that declares one is read, and whether wide-gamut colours become sRGB's.
- **Transparent**: what happens to transparent pixels without `alpha:`.
- **Cut**: whether it is noticed that the last 40 % of the file are missing.
"""

WRITTEN = """## What is written

What `invsolve run` and `invsolve simulate` write, read again with the reader named: the largest difference, where
1 is white, of values in [0, 1].

| file | bits | reader | error |
|---|---|---|---|"""


def read(entry: Entry, path: Path) -> Recording:
    """The file through the reader of its kind."""
    return (VideoReader if entry.video else ImageReader)(path=path).read(ReadContext())


def row(entry: Entry, folder: Path) -> str:
    """A line of the table."""
    path = folder / f"a.{entry.suffix}"
    entry.write(path)
    recording = read(entry, path)
    found = recording.video[0, :, 0].permute(1, 2, 0).numpy()
    error = float(np.abs(found - entry.expected).max())
    rate = "" if recording.space.frame_rate is None else f"{recording.space.frame_rate:g}"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(0.6 * len(whole))])
    cells = [f"{error:.1e}{' (lossy)' if entry.lossy else ''}", light(entry, folder), transparent(entry, folder), rate]
    cells.append(refused(lambda: read(entry, path)))
    return f"| {entry.name} | {entry.library} | {' | '.join(cells)} |"


def light(entry: Entry, folder: Path) -> str:
    """The transfer of the variant that declares one."""
    if entry.light is None:
        return ""
    path = folder / f"light.{entry.suffix}"
    entry.light(path)
    recording = read(entry, path)
    moved = np.abs(recording.video[0, :, 0].permute(1, 2, 0).numpy() - entry.expected).max() > 0.05
    return recording.space.transfer + (", colours converted" if moved and not entry.name.startswith("mkv") else "")


def transparent(entry: Entry, folder: Path) -> str:
    """What happens to the transparent variant."""
    if entry.transparent is None:
        return ""
    path = folder / f"clear.{entry.suffix}"
    entry.transparent(path)
    return "refused" if refused(lambda: read(entry, path)) == "noticed" else "read"


def refused(work: Callable[[], object]) -> str:
    """Whether something raises an error of ours."""
    try:
        work()
    except InvsolveError:
        return "noticed"
    return "not noticed"


def written(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """A row for each file that we write: its name, its bits, its reader, and the error of a round trip."""
    numbers = np.moveaxis(np.stack([LEVELS / 65535] * 4), -1, 0)
    video = torch.from_numpy(numbers.astype(np.float32))
    space = VideoSpace.of(video[None], frame_rate=25.0, transfer="srgb")
    write_recording(folder / "clip", Recording(video=video[None], space=space, name="clip", sha256=""))
    write_png(folder / "sixteen.png", video[:, 0], bits=16)
    flat = torch.from_numpy(FLAT / 255).float().permute(2, 0, 1)[:, None].expand(3, 4, 32, 48)
    write_video(folder / "flat.mp4", flat, frame_rate=25.0)
    clip = folder / "clip"
    yield "observation.nc, NetCDF", "32, float", "netcdf", error(NetCDFReader(path=clip / "observation.nc"), video)
    yield "observation.npz", "32, float", "npz", error(NpzReader(path=clip / "observation.npz"), video)
    yield "folder of PNG", "8", "frames", error(FramesReader(path=clip / "observation"), video)
    yield "PNG", "16", "image", error(ImageReader(path=folder / "sixteen.png"), video[:, :1])
    yield "mp4, H.264, flat colour", "8, 4:2:0", "video", error(VideoReader(path=folder / "flat.mp4"), flat)


def error(reader: Reader, video: torch.Tensor) -> str:
    """The largest difference from what was written."""
    return f"{float((reader.read(ReadContext()).video[0] - video).abs().max()):.1e}"


def main() -> None:
    """Write the page."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    head = "| format | library | error | light | transparent | frames/s | cut |\n|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(entry, Path(folder)) for entry in ENTRIES]
        kept = [f"| {' | '.join(cells)} |" for cells in written(Path(folder))]
    text = "\n".join([INTRODUCTION, head, *rows, "", WRITTEN, *kept, "", f"Libraries: {versions}.", ""])
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
