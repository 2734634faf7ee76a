"""`Interpolating`: a clip from its file to a run folder with the frames between its frames."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs

from invsolve.errors import ReadError
from invsolve.extras import lacking
from invsolve.figures.display import for_display
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json
from invsolve.files.needs import needs
from invsolve.media.inspection import inspect
from invsolve.media.png_writer import write_frames
from invsolve.recipe import Recipe, load_one
from invsolve.recipe.dumping import dumped
from invsolve.record.execution import Execution, Task, execute
from invsolve.record.run_folder import RunFolder
from invsolve.solving.observer import Observer
from invsolve_samplers.interpolation.times import Times

HEADER: Final = "# What `invsolve interpolate` ran; `invsolve run` on this folder runs it again."
ONE_LEVEL: Final = 0.004
"""Noise of a clip of 8 bits: its rounding."""
READERS: Final = {"video, or image with page": "video"}
LEAST: Final = 2
"""Frames that have something between them."""


@final
@attrs.frozen(kw_only=True)
class Interpolating:
    """A clip, and the frames that are wanted between its own.

    Attributes:
        clip: a video, a folder of frames, or arrays, as `invsolve inspect` takes it.
        times: between each two frames.
        frames: which of the clip's frames are used, ``"0..24"``; None for all.
        longest_side: the clip is made smaller until no side is longer [pixels]; None leaves it.
        samples: clips to draw.
        seed: of their random numbers.
        overrides: `PATH=VALUE` each, as `--set` takes them.
    """

    clip: Path
    times: Times
    frames: str | None = None
    longest_side: int | None = None
    samples: int = 2
    seed: int = 0
    overrides: Sequence[str] = ()

    def recipe(self) -> Recipe:
        """The recipe that is run.

        Raises:
            ReadError: for a file that is no clip.
            RecipeError: for overrides that do not fit.
        """
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in self.clip.stem) or "clip"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.yaml"
            write_text(file, f"{HEADER}\n{dumped(self._data())}")
            return load_one(file, self.overrides)

    def prepared(self) -> Task:
        """The clip read, and everything ready to run.

        Raises:
            ReadError: for a clip of fewer than two frames.
            MissingExtra: without OpenCV, unless another flow is asked for.
        """
        recipe = self.recipe()
        if not any(word.startswith("sampler") for word in self.overrides):
            needs("cv2", "optical flow")
        task = Task.prepare(recipe)
        if task.recording.space.frames < LEAST:
            raise ReadError(f"{self.clip} has one frame, and nothing lies between fewer than two.")
        return task

    def run(
        self, task: Task, out: Path, *, command: Sequence[str] = (), observers: Sequence[Observer] = ()
    ) -> Execution:
        """Solve, and write the run folder below `out`; the wanted frames are in ``interpolated/`` in it."""
        done = execute(
            task,
            RunFolder.create(out, task.recipe.name, task.recipe.hash8),
            command=tuple(command),
            observers=tuple(observers),
        )
        self._write(done, task.recording.space.frames)
        return done

    def _write(self, done: Execution, seen: int) -> None:
        """The mean of the samples, which is nearer to the truth than any of them, at the wanted times alone."""
        space, folder = done.solution.space, done.folder.path
        write_text(folder / "recipe.yaml", f"{HEADER}\n{dumped(self._data())}", replace=True)
        places = list(self.times.places(seen))
        video = done.solution.video.mean(0)[0][:, places]
        shown = for_display(video, space.transfer)
        shutil.rmtree(folder / "interpolated", ignore_errors=True)
        write_frames(folder / "interpolated", shown)
        rate = None if space.frame_rate is None else space.frame_rate / self.times.parts * (len(self.times.chosen) + 1)
        if not lacking("videos", "av"):
            from invsolve.media.video_writer import write_video

            write_video(folder / "interpolated.mp4", shown, frame_rate=rate)
        facts = {
            "clip": str(self.clip.absolute()),
            "frames_seen": seen,
            "times_between": list(self.times.shares),
            "times_of_frames": [place / self.times.parts for place in places],
            "frame_rate": rate if self.times.even else None,
        }
        write_json(folder / "interpolation.json", facts, replace=True)

    def _data(self) -> dict[str, Any]:
        read = str(inspect(self.clip)["read"])
        reader: dict[str, Any] = {"read": READERS.get(read, read), "path": str(self.clip.absolute())}
        if read in ("image", "clips"):
            what = "a picture" if read == "image" else "a folder of clips"
            raise ReadError(f"{self.clip} is {what}; a clip has several frames: a video, or a folder of pictures.")
        if self.frames is not None:
            reader["frames"] = self.frames
        if self.longest_side is not None:
            reader["longest_side"] = self.longest_side
        return {
            "recipe": 1,
            "input": reader,
            "operator": {"use": "select_frames", "every": self.times.parts},
            "noise": {"use": "gaussian", "std": ONE_LEVEL},
            "prior": {"use": "spectral_gaussian"},
            "sampler": {"use": "normalised_bidirectional_warp"},
            "samples": self.samples,
            "seed": self.seed,
            "metrics": ["reblur"],
        }
