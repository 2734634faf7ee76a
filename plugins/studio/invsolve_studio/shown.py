"""`result_of`: from the folder of a run to what the page shows of it."""

import json
import zipfile
from pathlib import Path
from typing import Final, final

import attrs
import numpy as np
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from invsolve.errors import RunFailed
from invsolve.figures.display import for_display
from invsolve.media.png_writer import to_levels
from invsolve.media.reader import ReadContext, read_from
from invsolve.media.recording import Recording
from invsolve.media.video_writer import write_video
from invsolve.recipe import Recipe
from invsolve.recipe.dumping import dumped
from invsolve.recipe.serialise import fields_data
from invsolve.record.summary import summary_rows
from invsolve.solving.outcome import Outcome
from invsolve.solving.solution import Solution
from invsolve_studio.events import Result
from invsolve_studio.python_code import python_code

BESIDE: Final = "studio"  # the folder with what only the page needs
FIRST: Final = "overview.png"
_UNSEEN: Final = "this run has no pictures to show: its videos have neither 1 nor 3 channels."


def result_of(folder: Path, recipe: Recipe, home: Path, recording: Recording | None = None) -> Result:
    """What is shown of a finished run.

    Args:
        folder: Of the run.
        recipe: That was run.
        home: Where the visitor's file lies.
        recording: Its input, None where it has to be read again.

    Raises:
        RunFailed: For a run without pictures: of videos that have neither 1 nor 3 channels.
    """
    recording = recording or read_from(recipe.input, ReadContext(recipe.operator, recipe.noise, recipe.seed))
    # a sample, not their mean: that is blurred where the samples differ
    frames = sorted((folder / "frames" / "sample-0").glob("*.png"))
    if not frames:
        raise RunFailed(_UNSEEN)
    beside = folder.parent / f"{folder.name}-{BESIDE}"
    with Image.open(frames[len(frames) // 2]) as restored:
        shown = _Shown.of(beside, restored, recording, len(frames))
    return Result(
        folder=folder,
        archive=_archive(folder, beside),
        before=shown.before,
        after=shown.after,
        observed=shown.observed,
        restored=_there(folder / "video.mp4"),
        side_by_side=_there(folder / "comparison.mp4"),
        maps=tuple(sorted(folder.glob("*.png"), key=lambda file: (file.name != FIRST, file.name))),
        table=_table(folder, recipe),
        remarks=_remarks(json.loads((folder / "provenance.json").read_text(encoding="utf-8")).get("message", "")),
        recipe=_as_yaml(recipe, home),
        python=python_code(recipe, home),
    )


def preview_of(solution: Solution, recording: Recording, beside: Path, recipe: Recipe, home: Path) -> Result:
    """What is shown of a solution of which nothing else is kept.

    Args:
        solution: Of the preview.
        recording: What it explains.
        beside: A new folder for the pictures.
        recipe: The run that the preview stands for.
        home: Where the visitor's file lies.

    Raises:
        RunFailed: For videos that have neither 1 nor 3 channels, and for a run that did not end well.
    """
    if solution.outcome is not Outcome.DONE:
        raise RunFailed(solution.message)
    if solution.space.channels not in (1, 3):
        raise RunFailed(_UNSEEN)
    video = for_display(solution.video[0, 0], solution.space.transfer)
    frames = video.shape[1]
    middle = image_of(video[:, frames // 2 : frames // 2 + 1])
    shown = _Shown.of(beside, middle, recording, frames)
    restored = beside / "restored.mp4" if frames > 1 else None
    if restored is not None:
        write_video(restored, video, frame_rate=solution.space.frame_rate)
    return Result(
        folder=None,
        archive=None,
        before=shown.before,
        after=shown.after,
        observed=shown.observed,
        restored=restored,
        side_by_side=None,
        maps=(),
        table=(),
        remarks=_remarks(solution.message),
        recipe=_as_yaml(recipe, home),
        python=python_code(recipe, home),
    )


@final
@attrs.frozen
class _Shown:
    """The observation beside the middle restored frame."""

    before: Path
    after: Path
    observed: Path | None

    @classmethod
    def of(cls, beside: Path, restored: Image.Image, recording: Recording, frames: int) -> "_Shown":
        beside.mkdir(parents=True)
        seen = for_display(recording.video[0], recording.space.transfer)
        # the observed frame at the moment of the middle one of so many restored frames
        moment = (frames // 2) * seen.shape[1] // frames
        before, after = beside / "before.png", beside / "after.png"
        restored.convert("RGB").save(after)
        image_of(seen[:, moment : moment + 1]).resize(restored.size, Image.Resampling.BICUBIC).save(before)
        observed = beside / "observed.mp4" if recording.space.frames > 1 else None
        if observed is not None:
            write_video(observed, seen, frame_rate=recording.space.frame_rate)
        return cls(before, after, observed)


def image_of(frame: Float[Tensor, "c 1 h w"]) -> Image.Image:
    """One frame for a screen, in colour."""
    levels = to_levels(frame)[0].astype(np.uint8)
    return Image.fromarray(levels if levels.shape[-1] == 3 else levels.repeat(3, -1))


def _archive(folder: Path, beside: Path) -> Path:
    """The run in a zip file; what is in it is compressed already."""
    path = beside / f"{folder.parent.name}-{folder.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, Path(folder.name) / file.relative_to(folder))
    return path


def _there(path: Path) -> Path | None:
    return path if path.is_file() else None


def _table(folder: Path, recipe: Recipe) -> tuple[tuple[str, ...], ...]:
    values = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    known = {key: value for key, value in values.items() if value is not None}
    headings, rows = summary_rows(known, recipe.catalog)
    return tuple(tuple(row) for row in (headings, *rows)) if rows else ()


def _remarks(message: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in message.splitlines() if line.strip())


def _as_yaml(recipe: Recipe, home: Path) -> str:
    """The recipe without its defaults, the visitor's file named without its folder."""
    data = {"recipe": 1, **fields_data(recipe, recipe.catalog, defaults=False)}
    return dumped(_without(data, f"{home}/"))


def _without(data: object, folder: str) -> object:
    if isinstance(data, dict):
        return {key: _without(value, folder) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(item, folder) for item in data]
    return data.removeprefix(folder) if isinstance(data, str) else data
