"""`Deblurring`: one photograph from its file to a finished run folder."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast, final

import attrs
import torch

from invsolve.errors import CapabilityError
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json
from invsolve.media import ImageReader
from invsolve.media.png_writer import write_png
from invsolve.recipe import Recipe, load_one
from invsolve.recipe.dumping import dumped
from invsolve.record.execution import Task, execute
from invsolve.record.run_folder import RunFolder
from invsolve.solving.observer import Observer
from invsolve_photographs.deblurring.diagnosis import Diagnosis
from invsolve_photographs.deblurring.maps import ambiguity_map, motion_map, uncertainty_map
from invsolve_photographs.deblurring.noise_level import LEAST, noise_std
from invsolve_photographs.deblurring.overview import write_overview
from invsolve_photographs.photograph_prior import PhotographPrior

Say = Callable[[str], None]
LEAST_SIDE: Final = 320  # pixels: no photograph is made smaller than this to slow it down
HEADER: Final = "# What `invsolve deblur` ran; `invsolve run` on this folder runs it again."


@final
@attrs.frozen(kw_only=True)
class Deblurring:
    """A photograph, the frames to show of it, and how to draw them.

    Attributes:
        photograph: the file.
        longest_side: it is made smaller until no side is longer [pixels].
        frames: of the exposure.
        past: as long ones before it and after it.
        future: as long ones before it and after it.
        samples: how many draws, and of which numbers.
        seed: how many draws, and of which numbers.
        weights: a model file, or None for the installed ones.
    """

    photograph: Path
    frames: int = 7
    past: int = 0
    future: int = 0
    samples: int = 4
    seed: int = 0
    longest_side: int = 1280
    weights: Path | None = None

    def run(
        self,
        out: Path,
        *,
        anyway: bool = False,
        command: Sequence[str] = (),
        say: Say = lambda _: None,
        observers: Sequence[Observer] = (),
    ) -> Path:
        """Look, tell what was seen, draw, and write everything below `out`; returns the run's folder.

        Raises:
            CapabilityError: before anything is written, where motion does not explain the photograph (unless `anyway`).
            ReadError: where the file is not a photograph.
        """
        with tempfile.TemporaryDirectory() as folder:
            return self._run(Path(folder), out, anyway, command, say, observers)

    def _run(
        self,
        folder: Path,
        out: Path,
        anyway: bool,
        command: Sequence[str],
        say: Say,
        observers: Sequence[Observer],
    ) -> Path:
        recipe, seen = self._looked_at(folder, say)
        say(seen.text())
        if seen.verdict != "motion" and not anyway:
            raise CapabilityError(
                f"{self.photograph}: {seen.text()} Nothing was written; --anyway deblurs it regardless."
            )
        prior = cast(PhotographPrior, recipe.prior)
        regions = prior.law.regions.count
        if regions > 1:
            say(f"{regions} regions move on their own; the direction of each is open.")
        task = Task.prepare(recipe)
        say(f"drawing {self.samples} videos of {len(prior.times)} frames")
        done = execute(
            task, RunFolder.create(out, recipe.name, recipe.hash8), command=tuple(command), observers=tuple(observers)
        )
        self._write_pictures(done.folder.path, prior, seen, float(done.solution.chi_square.mean()))
        return done.folder.path

    def recipe(self, longest_side: int, noise: float) -> dict[str, Any]:
        """The recipe as plain data, for a photograph of at most `longest_side` pixels and its noise."""
        reader = {
            "read": "image",
            "path": str(self.photograph.absolute()),
            "channels": "rgb",
            "alpha": "white",
            "longest_side": longest_side,
        }
        prior: dict[str, Any] = {
            "use": "photograph",
            "photograph": dict(reader),
            "frames": self.frames,
            "past": self.past,
            "future": self.future,
        }
        if self.weights is not None:
            prior["file"] = str(self.weights.absolute())
        exposure = {
            "use": "exposure_average",
            "frames": self.past + self.frames + self.future,
            "intervals_frames": [[0.0, float(self.frames)]],
            "origin": float(self.past),
        }
        light = [{"use": "linearise", "curve": "srgb"}, exposure, {"use": "camera_response", "curve": "srgb"}]
        return {
            "recipe": 1,
            "input": reader,
            "operator": light,
            "noise": {"use": "gaussian", "std": round(noise, 5)},
            "prior": prior,
            "sampler": {"use": "photograph", "picture_spread": 0.0},
            "samples": self.samples,
            "seed": self.seed,
            "metrics": ["reblur", "modes"] if self.samples > 1 else ["reblur"],
            "device": "cpu",
        }

    def _looked_at(self, folder: Path, say: Say) -> tuple[Recipe, Diagnosis]:
        """The recipe at the largest size at which all of the blur can be seen, and what was seen at it."""
        recipe, seen = self._seen(folder, self.longest_side, say)
        while True:
            prior = cast(PhotographPrior, recipe.prior)
            side = max(prior.picture.shape[-2:]) // 2
            if side < LEAST_SIDE:
                break
            smaller, seen_smaller = self._seen(folder, side, say)
            if not (seen.verdict == "fast" or seen.hides(seen_smaller)):
                break
            say("the blur is longer than can be seen at this size; going on at half of it.")
            recipe, seen = smaller, seen_smaller
        # the prior keeps what the network saw, and so does the recipe of its size
        side = cast(ImageReader, recipe.input).longest_side or self.longest_side
        return attrs.evolve(self._loaded(folder, side, noise_std(prior.picture)), prior=recipe.prior), seen

    def _seen(self, folder: Path, side: int, say: Say) -> tuple[Recipe, Diagnosis]:
        recipe = self._loaded(folder, side, LEAST)
        prior = cast(PhotographPrior, recipe.prior)
        height, width = prior.picture.shape[-2:]
        say(f"looking at {self.photograph.name} at {width} x {height} pixels")
        return recipe, Diagnosis.of(prior.picture, prior.law)

    def _loaded(self, folder: Path, side: int, noise: float) -> Recipe:
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in self.photograph.stem) or "photograph"
        file = folder / f"{name}.yaml"
        write_text(file, f"{HEADER}\n{dumped(self.recipe(side, noise))}", replace=True)
        return load_one(file)

    def _write_pictures(self, folder: Path, prior: PhotographPrior, seen: Diagnosis, chi_square: float) -> None:
        law = prior.law
        write_png(folder / "sharp.png", law.estimate.sharp[0].clamp(0, 1))
        write_png(folder / "motion.png", motion_map(law))
        write_png(folder / "ambiguity.png", ambiguity_map(law))
        write_png(folder / "uncertainty.png", uncertainty_map(law))
        write_overview(folder / "overview.png", prior.picture, law)
        facts = {
            **attrs.asdict(seen),
            "height": law.size[0],
            "width": law.size[1],
            "regions": law.regions.count,
            "regions_share": [float(n / law.regions.labels.numel()) for n in law.regions.sizes()],
            "noise_std": noise_std(prior.picture),
            "mean_chi_square": chi_square,
            "times": [float(t) for t in prior.times],
            "torch": torch.__version__,
        }
        write_json(folder / "photograph.json", facts, replace=False)
