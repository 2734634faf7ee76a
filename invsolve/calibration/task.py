"""`CalibrationTask`: a recipe made ready to be calibrated, and the folder it is recorded in."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from invsolve.calibration.calibrate import check_counts, draws_together, prepare, rank_blocks
from invsolve.calibration.calibration import Calibration
from invsolve.calibration.figure import write_figure
from invsolve.calibration.quantities import Quantities
from invsolve.calibration.simulation import Simulation
from invsolve.errors import ReadError
from invsolve.files.atomic import write_text
from invsolve.files.json_file import write_json
from invsolve.media.reader import ReadContext, read_from
from invsolve.media.recording import Recording
from invsolve.problem import Problem
from invsolve.recipe import Recipe
from invsolve.record.device import device_of
from invsolve.record.execution import space_of
from invsolve.record.log import Log
from invsolve.record.provenance import now, provenance
from invsolve.record.run_folder import RunFolder
from invsolve.record.threads import threaded
from invsolve.video.space import VideoSpace

PROBLEM: Final = ("operator", "noise", "prior", "sampler", "seed", "dtype")
"""The keys of a recipe that a calibration uses, besides the size of its input."""
RANKS: Final = "ranks.json"
Tell = Callable[[int, int], None]


@final
@attrs.frozen(eq=False)
class CalibrationTask:
    """Parts checked against each other; nothing is written yet.

    Attributes:
        draws: how many truths.
        samples: of the posterior for each.
    """

    recipe: Recipe
    simulation: Simulation
    quantities: Quantities
    device: torch.device
    draws: int
    samples: int

    @classmethod
    def prepare(cls, recipe: Recipe, draws: int, samples: int, space: VideoSpace | None = None) -> "CalibrationTask":
        """Build the problem in `space`; without one, in that of the recipe's input, which is read for its size only.

        Raises:
            ComponentError: for too few draws.
            SpaceError: for parts that do not fit.
            CapabilityError: for parts that do not fit.
        """
        check_counts(draws, samples)
        device = device_of(recipe.device)
        if space is None:
            recording = read_from(recipe.input, ReadContext(recipe.operator, recipe.noise, recipe.seed))
            space = space_of(recipe.operator, recording)
        dtype = torch.float64 if recipe.dtype == "float64" else torch.float32
        nothing = torch.zeros(1, *recipe.operator.output_space(space).shape, device=device, dtype=dtype)
        problem = Problem(recipe.operator, nothing, recipe.prior, recipe.noise, space)
        simulation, quantities = prepare(problem, recipe.sampler, recipe.seed, samples)
        return cls(recipe, simulation, quantities, device, draws, samples)

    @property
    def hash8(self) -> str:
        """Of what the ranks depend on, but the number of draws: a study may go on with more of them."""
        resolved = self.recipe.resolved
        facts = {key: resolved[key] for key in PROBLEM}
        facts |= {"samples": self.samples, "space": attrs.asdict(self.simulation.problem.space)}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]

    def run(
        self, folder: RunFolder, command: Sequence[str], tell: Tell, threads: int | None = None
    ) -> tuple[RunFolder, Calibration]:
        """Rank all draws, or those that an earlier session in `folder` left, and write the report.

        Args:
            tell: is called with the number of draws done and of all, after each block of them.
            threads: of torch; None for as many as `threads_for` says.
        """
        with folder.locked(), threaded(threads, self._values) as count:
            done = self._open(folder, command)
            log = Log(folder.path / "log.txt")
            there = f"{len(done)} of {self.draws} draws are there, {self.samples} samples each"
            log.write(f"{there}, on {self.device}, {count} thread{'s' * (count != 1)}")
            rest = range(len(done), self.draws)
            for block in rank_blocks(self.simulation, self.quantities, rest, self.samples, self.recipe.chunk):
                done = np.concatenate([done, block])
                self._keep(folder, done)
                log.write(f"draw {len(done)}/{self.draws}")
                tell(len(done), self.draws)
            calibration = Calibration(self.quantities.names, done, self.samples, self.simulation.exact)
            self._report(folder, calibration)
            log.write(calibration.verdict)
            return folder.finish(), calibration

    @property
    def _values(self) -> int:
        """Of all videos that are in flight together."""
        each = math.prod(self.simulation.problem.space.shape)
        together = draws_together(self.simulation, self.samples) * self.samples
        return each * (together if self.recipe.chunk is None else min(together, self.recipe.chunk))

    def _open(self, folder: RunFolder, command: Sequence[str]) -> NDArray[np.int64]:
        path = folder.path
        if (path / RANKS).is_file():
            return self._kept(path / RANKS)
        problem = self.simulation.problem
        drawn = Recording(
            video=problem.observation.float().cpu(),
            space=problem.operator.output_space(problem.space),
            name="drawn from the prior",
            sha256="",
        )
        facts = provenance(self.recipe, drawn, self.device, tuple(command)) | {"samples": self.samples}
        write_json(path / "provenance.json", facts, replace=True)
        write_text(path / "resolved.yaml", self.recipe.dump(), replace=True)
        return np.empty((0, len(self.quantities.names)), dtype=np.int64)

    def _kept(self, path: Path) -> NDArray[np.int64]:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            ranks = np.array(data["ranks"], dtype=np.int64).reshape(-1, len(self.quantities.names))
            whole = tuple(data["quantities"]) == self.quantities.names
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReadError(f"{path} is damaged ({error}); remove its folder to start again.") from error
        if not whole or ranks.min(initial=0) < 0 or ranks.max(initial=0) > self.samples:
            raise ReadError(f"{path} holds the ranks of another study; remove its folder to start again.")
        return ranks

    def _keep(self, folder: RunFolder, ranks: NDArray[np.int64]) -> None:
        data = {"quantities": list(self.quantities.names), "samples": self.samples, "ranks": ranks.tolist()}
        write_text(folder.path / RANKS, json.dumps(data) + "\n", replace=True)

    def _report(self, folder: RunFolder, calibration: Calibration) -> None:
        path = folder.path
        write_json(path / "calibration.json", calibration.data(), replace=True)
        write_figure(path / "ranks.png", calibration, f"{self.recipe.name}: {type(self.recipe.sampler).__name__}")
        facts: dict[str, Any] = json.loads((path / "provenance.json").read_text(encoding="utf-8"))
        facts |= {"outcome": "DONE", "message": calibration.verdict, "ended": now()}
        write_json(path / "provenance.json", facts, replace=True)
