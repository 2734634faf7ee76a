"""`Recipe`: a whole problem and how to solve it, checked and typed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, final

import attrs

from invsolve.errors import ComponentError, ReadError
from invsolve.parts import own_files_of
from invsolve.plugin import Catalog
from invsolve.recipe.dumping import dumped
from invsolve.recipe.extend import VERSION
from invsolve.recipe.outputs import OUTPUTS, Output, check_outputs
from invsolve.validators import number, optional, whole

if TYPE_CHECKING:
    from invsolve.baselines import Baseline
    from invsolve.media import Reader
    from invsolve.metrics import Metric
    from invsolve.noise import Noise
    from invsolve.operator import Operator
    from invsolve.prior import Prior
    from invsolve.sampler import Sampler

DEVICE: Final = re.compile(r"auto|cpu|cuda(:\d+)?")
HOW: Final = frozenset({"name", "device", "chunk", "time_limit", "metrics", "baselines", "outputs"})
"""Keys that say how a problem is run and reported; they belong neither to the problem nor to its hash."""

_UNWRITTEN: Final = {"recipe": False}


def default_noise() -> Noise:
    """``GaussianNoise(std=0.01)``, the noise of a recipe that names none."""
    from invsolve.noise import GaussianNoise

    return GaussianNoise(std=0.01)


def default_metrics() -> tuple[Metric, ...]:
    """PSNR, SSIM, re-blur consistency, coverage and modes: the metrics of a recipe that names none."""
    from invsolve.metrics import PSNR, SSIM, Coverage, Modes, Reblur

    return (PSNR(), SSIM(), Reblur(), Coverage(), Modes())


def default_baselines() -> Mapping[str, Baseline]:
    """The observation repeated, and the best line's Wiener filter."""
    from invsolve.baselines import Repeated, Wiener

    return {"repeated": Repeated(), "wiener": Wiener()}


@final
@attrs.frozen(kw_only=True)
class Recipe:
    """A problem, and how to solve it.

    Attributes:
        name: what runs of this recipe are called; by default the name of its file.
        input: reader of the observation.
        operator: how the observation came about; a list acts in the order of writing.
        noise: noise of the observation; by default Gaussian with a std of 0.01.
        prior: what videos look like.
        sampler: how to search.
        condition: `observation` tells the prior what was observed, for a prior that was trained on observations; null
            for any other.
        samples: number of samples of the posterior, for each observation.
        seed: the one seed of all randomness, 0 or more.
        metrics: how the samples are judged; by default `psnr`, `ssim`, `reblur`, `coverage` and `modes`.
        baselines: what `invsolve evaluate` compares with, by the name it is given in the table; by default `repeated`
            and `wiener`.
        outputs: what is written besides numbers and the record; all by default, and nothing for `[]`. By `run`:
            `solution` and `observation` (.nc), `frames` (PNG), `video` (.mp4 of a clip), `comparison` (.png) and
            `comparison_video` (.mp4 of a clip). By `evaluate`: `clip_videos` (in clips/*.nc, beside the numbers),
            `error_maps` and `contact_sheet`. By both: `report` (.html).
        device: `cpu`, `cuda`, `cuda:N`, or `auto` for the first GPU there is.
        dtype: of the sampler's state.
        chunk: samples in flight at a time; null for all.
        time_limit: wall time of the run [seconds]; null for none.
        label: what sets it apart from the other recipes of its sweep: ``scale=0.5, seed=0``.
        source: the file it was read from.
        catalog: where its parts have their names from.
    """

    name: str = attrs.field()
    input: Reader
    operator: Operator
    prior: Prior
    sampler: Sampler[Any]
    noise: Noise = attrs.field(factory=default_noise)
    condition: Literal["observation"] | None = attrs.field(default=None)
    samples: int = attrs.field(default=1, validator=whole(least=1))
    seed: int = attrs.field(default=0, validator=[whole(least=0), number(below=2**63)])
    metrics: tuple[Metric, ...] = attrs.field(factory=default_metrics)
    baselines: Mapping[str, Baseline] = attrs.field(factory=default_baselines)
    outputs: tuple[Output, ...] = attrs.field(default=OUTPUTS, validator=check_outputs)
    device: str = attrs.field(default="auto")
    dtype: Literal["float32", "float64"] = "float32"
    chunk: int | None = attrs.field(default=None, validator=optional(whole(least=1)))
    time_limit: float | None = attrs.field(default=None, validator=optional(number(above=0.0)))
    label: str = attrs.field(default="", metadata=_UNWRITTEN)
    """The difference to the other recipes of its sweep: `scale=0.5, seed=0`."""
    source: Path | None = attrs.field(default=None, eq=False, metadata=_UNWRITTEN)
    catalog: Catalog = attrs.field(factory=Catalog.discover, eq=False, repr=False, metadata=_UNWRITTEN)
    """The catalogue that names its parts."""

    @name.validator
    def _names_a_folder(self, _: object, value: str) -> None:
        if not value.strip() or value.startswith(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in value):
            raise ComponentError(f"{value!r} cannot name a folder of runs: use letters, digits, '-' and '_'.")

    @device.validator
    def _exists(self, _: object, value: str) -> None:
        if not DEVICE.fullmatch(value):
            hint = " Did you mean 'cuda'?" if value.lower() in ("gpu", "nvidia") else ""
            if value.lower() in ("mps", "metal"):
                hint = " Apple's GPUs lack operations that are needed here, float64 among them: write 'cpu'."
            raise ComponentError(f"there is no device {value!r}.{hint} Devices: auto, cpu, cuda, cuda:0, cuda:1, ...")

    @condition.validator
    def _fits_the_prior(self, _: object, value: str | None) -> None:
        from invsolve.problem.condition import check_condition

        try:
            check_condition(self.prior, wanted=value is not None)
        except ReadError:
            # weights that are not there yet are missed when the recipe is run
            return

    @property
    def resolved(self) -> dict[str, Any]:
        """The recipe as plain data with every default written out, sorted; `load` reads it back."""
        from invsolve.recipe.serialise import fields_data, sorted_data

        data = sorted_data(fields_data(self, self.catalog))
        return {"recipe": VERSION, **data}

    def dump(self) -> str:
        """`resolved` as YAML."""
        return dumped(self.resolved)

    @property
    def canonical(self) -> str:
        """The problem alone, without the keys that say `HOW` it is run, as one line of JSON.

        Under `content` it has the SHA-256 of files that parts bring along, such as weights that go by a name; raises
        `ReadError` where one is missing.
        """
        data = {key: value for key, value in self.resolved.items() if key not in HOW}
        if self.condition is None:
            del data["condition"]  # so that the problem has the hash it had before there were conditions
        content = {place: sha256 for place, sha256 in own_files_of(self) if place.partition(".")[0] not in HOW}
        if content:
            data["content"] = content
        return json.dumps(data, sort_keys=True, separators=(",", ":"))

    @property
    def hash8(self) -> str:
        """The first 8 hex digits of the SHA-256 of `canonical`: the same problem has the same hash.

        Files count by their absolute path here, not by what is in them; weights that go by a name count by both.

        Raises:
            ReadError: where such weights are missing.
        """
        return hashlib.sha256(self.canonical.encode()).hexdigest()[:8]
