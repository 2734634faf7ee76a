"""`Sample`: a small file that a reader reads, and whether the file itself can tell that it was damaged."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, final

import attrs
import numpy as np
import tifffile
from PIL import Image

from invsolve.media import ReadContext
from invsolve.media.dataset import recording_dataset
from invsolve.media.dataset_writer import write_dataset
from invsolve.media.recording import Recording
from invsolve.plugin import Catalog
from invsolve.recipe import from_data

Tells = Literal["values", "count", "nothing"]
CHECKED: Final = ("PNG", "animated PNG", "TIFF, 16 bits, tiles, deflate", "mov, PNG")
COUNTED: Final = ("mp4", "mkv", "mov", "web")


@final
@attrs.frozen
class Sample:
    """A file, how it is read, and what its format lets a reader notice.

    Attributes:
        data: the reader as a recipe writes it.
        damages: the file to damage, where that is not the path itself.
        tells: `values`, a checksum covers what is read; `count`, the number of frames is written or follows from a
            duration; `nothing`.
        covered: the bytes that the checksum is of: all, or from the first to before the second.
    """

    name: str
    data: dict[str, Any]
    damages: Path
    tells: Tells
    covered: tuple[int, int] | None = None

    def could_tell(self, whole: bytes, damaged: bytes, counted: bool) -> bool:
        """Whether the file says that it was damaged; `counted` where it was read with another number of frames."""
        if self.tells == "values" and self.covered is not None:
            start, stop = self.covered
            around = whole[:start] == damaged[:start] and whole[stop:] == damaged[stop:]
            return around and len(whole) == len(damaged)
        return self.tells == "values" or (self.tells == "count" and counted)

    def read(self, catalog: Catalog) -> Recording:
        """What the reader makes of it."""
        reader: Any = from_data("reader", self.data, catalog)
        return reader.read(ReadContext())

    def moved(self, before: Path, after: Path) -> "Sample":
        """The same sample in a copy of its folder."""
        data = json.loads(json.dumps(self.data).replace(str(before), str(after)))
        return attrs.evolve(self, data=data, damages=after / self.damages.relative_to(before))


def samples(folder: Path, catalog: Catalog) -> tuple[Sample, ...]:
    """A file of every format of `tools/format_entries.py`, and of every reader that reads others."""
    made = []
    for number, entry in enumerate(_formats().ENTRIES):
        path = folder / f"{number}.{entry.suffix}"
        entry.write(path)
        reader = "video" if entry.video else "image"
        tells: Tells = "count" if entry.name[:3] in COUNTED else "nothing"
        tells = "values" if entry.name.startswith(CHECKED) else tells
        made.append(Sample(entry.name, {"read": reader, "path": str(path)}, path, tells, _covered(path)))
    made += [*_arrays(folder), *_folders(folder)]
    first = made[0].read(catalog)
    dataset = folder / "recording.nc"
    write_dataset(dataset, recording_dataset(first))
    made.append(Sample("NetCDF of ours", {"read": "netcdf", "path": str(dataset)}, dataset, "values"))
    unread = {"sample", "blocksworld", *(each.data["read"] for each in made)}
    missing = set(catalog.names("reader")) - unread
    assert not missing, f"write a sample for the readers {missing}"
    return tuple(made)


def _covered(path: Path) -> tuple[int, int] | None:
    """Where pictures with checksums lie in a file of headers without."""
    content = path.read_bytes()
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
            return min(page.dataoffsets), max(ends)
    if path.suffix == ".mov":
        return content.index(b"\x89PNG"), content.rindex(b"IEND") + 8
    return None


def _arrays(folder: Path) -> list[Sample]:
    values = np.random.default_rng(0).uniform(0, 1, (3, 1, 8, 9))
    np.savez(folder / "stored.npz", video=values)
    np.savez_compressed(folder / "packed.npz", video=values)
    np.save(folder / "bare.npy", values)
    axes = {"read": "npz", "axes": "t c h w"}
    tells: dict[str, Tells] = {"stored.npz": "values", "packed.npz": "values", "bare.npy": "nothing"}
    return [Sample(name, {**axes, "path": str(folder / name)}, folder / name, tells[name]) for name in tells]


def _folders(folder: Path) -> list[Sample]:
    """Readers of several pictures, and readers of another reader; one picture is damaged."""
    levels = np.random.default_rng(1).integers(0, 256, (16, 20, 3), dtype=np.uint8)
    for name in ("frames", "clips/one", "scene/blur", "scene/sharp"):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.roll(levels, number, 0)).save(folder / name / f"{number}.png")
    first = folder / "frames" / "0.png"
    picture = {"read": "image", "path": str(first)}
    readers: tuple[tuple[dict[str, Any], Path], ...] = (
        ({"read": "frames", "path": str(folder / "frames")}, folder / "frames" / "1.png"),
        ({"read": "clips", "folders": [{"path": str(folder / "clips")}], "frames": 3}, folder / "clips/one/1.png"),
        ({"read": "pair", "path": str(folder / "scene"), "frames": 3, "index": 0}, folder / "scene/sharp/1.png"),
        ({"read": "simulate", "from": picture, "operator": "identity"}, first),
        ({"read": "shaken", "still": picture}, first),
    )
    return [Sample(data["read"], data, damages, "values") for data, damages in readers]


def _formats() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "format_entries.py"
    spec = importlib.util.spec_from_file_location("format_entries", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
