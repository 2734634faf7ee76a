"""`inspect`: what a file or a folder is taken for, and what its reader would refuse, as plain data and on screen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from invsolve.errors import OtherFormat, ReadError
from invsolve.media.clip_files import clips_in
from invsolve.media.formats.stored import Stored
from invsolve.media.frames import FramesReader
from invsolve.media.netcdf import NetCDFReader
from invsolve.media.npz import NpzReader
from invsolve.media.picture import AS_DECLARED, SUFFIXES, read_picture, read_stored
from invsolve.media.reader import ReadContext
from invsolve.media.refusals import Refusal, refusals
from invsolve.media.source import require_file, require_folder
from invsolve.media.spoken_order import spoken_order
from invsolve.media.streams.clip_facts import Facts, clip_facts, primaries_in_words
from invsolve.video.primaries import SRGB

_ARRAYS: Final = {b"PK\x03\x04": "npz", b"\x93NUM": "npz", b"\x89HDF": "netcdf"}


def inspect(path: Path) -> Facts:
    """What a picture, video or array file is taken for: size, light, times, geometry, guesses, and how to read it.

    A folder is taken for the frames that are in it, or for the clips. ``refused`` is what the reader refuses without
    further fields: of a video, as far as its packets and its first frame tell.

    Raises:
        ReadError: for what is missing, damaged, or of no known kind.
    """
    if path.is_dir():
        return _folder(path)
    require_file(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    facts: Facts = {"file": str(path), "bytes": path.stat().st_size}
    if (kind := _ARRAYS.get(head[:4])) is not None:
        reader = NpzReader if kind == "npz" else NetCDFReader
        refused = refusals(lambda fields: reader(path=path, **fields).read(ReadContext()))
        return facts | {"read": kind} | _arrays(path, kind) | _refused(refused)
    try:
        found = facts | _pages(path) | _picture(read_stored(path, 0))
        return found | _refused(refusals(lambda fields: read_picture(path, attrs.evolve(AS_DECLARED, **fields))))
    except OtherFormat as error:
        no_picture = error
    try:
        found, refused = clip_facts(path)
        return facts | found | _refused(refused)
    except ReadError:
        # of a file that bears a picture's name, what it is as a picture is what its owner asks
        if path.suffix.lower() in SUFFIXES:
            raise no_picture from None
        raise


def described(facts: Mapping[str, Any]) -> str:
    """The facts on one screen, a line each."""
    width = max(map(len, facts))
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            items = [item["reason"] if isinstance(item, dict) else item for item in value]
            lines += [f"{name if not number else '':{width}}  {item}" for number, item in enumerate(items or ["-"])]
        else:
            lines.append(f"{name:{width}}  {'-' if value is None else value}")
    return "\n".join(lines)


def _refused(found: tuple[Refusal, ...]) -> Facts:
    return {"refused": [attrs.asdict(each) for each in found]}


def _folder(path: Path) -> Facts:
    require_folder(path)
    facts: Facts = {"folder": str(path)}
    pictures = sorted(
        (file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")),
        key=lambda file: spoken_order(file.name),
    )
    if not pictures:
        clips = clips_in(path)
        return facts | {"read": "clips", "clips": [f"{clip.path}: {clip.count} frames" for clip in clips]}
    names = {"read": "frames", "frames": len(pictures), "first": pictures[0].name, "last": pictures[-1].name}
    refused = refusals(lambda fields: FramesReader(path=path, **fields).read(ReadContext()))
    return facts | names | _picture(read_stored(pictures[0], 0)) | {"frame_rate": None} | _refused(refused)


def _picture(stored: Stored) -> Facts:
    h, w, c = stored.pixels.shape
    guessed = [] if stored.transfer or stored.icc else ["transfer"]
    profiled = stored.icc is not None
    return {
        "format": stored.format,
        "height": h,
        "width": w,
        "channels": c,
        "numbers": str(stored.pixels.dtype),
        "bits": stored.bits,
        "alpha": stored.opacity is not None,
        "transfer": "by its ICC profile" if profiled else stored.transfer or SRGB,
        "primaries": "by its ICC profile" if profiled else primaries_in_words(stored.primaries),
        "guessed": guessed,
        "notes": list(stored.notes),
    }


def _pages(path: Path) -> Facts:
    from invsolve.media.formats import tiff

    with path.open("rb") as stream:
        head = stream.read(4)
    if not tiff.is_tiff(head) or tiff.is_mosaic(path):
        return {"read": "image"}
    count = tiff.count_pages(path)
    return {"read": "image" if count == 1 else "video, or image with page", "pages": count}


def _arrays(path: Path, reader: str) -> Facts:
    if reader == "npz":
        from invsolve.media.npz import arrays_of

        return {"arrays": [f"{name}: {array.dtype} {array.shape}" for name, array in arrays_of(path).items()]}
    import h5py

    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim > 1:
            found.append(f"{name}: {np.dtype(item.dtype)} {item.shape}")

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except (OSError, RuntimeError) as error:
        raise ReadError(f"{path} is damaged, or no HDF5 file: {error}") from error
    return {"arrays": found}
