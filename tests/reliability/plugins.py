"""`Plugins`: components of every kind whose methods return or raise what they must not."""

import shutil
from pathlib import Path
from typing import ClassVar, Final, final

import attrs
import numpy as np
import xarray as xr

from invsolve.plugin import Catalog, base_of
from invsolve.plugin.open_kind import KINDS
from invsolve.testing.pretend import installed, manifest_of, pretend
from tests.reliability.command import command, judged
from tests.reliability.furniture import RECIPES, furnished
from tests.reliability.misbehaving import SPOILS, methods
from tests.reliability.study import Study
from tests.reliability.verdict import Verdict

UNUSED: Final = frozenset({"command", "recipe_form", "weights", "task"})
"""Kinds that no recipe of a problem has, or that return no more than a path."""
HEAD: Final = "recipe: 1\nname: bad\n"
CLIP: Final = (
    RECIPES["clip"].replace("chunk: 1\n", "").replace("spectral_gaussian}", "spectral_gaussian, schedule: {use: vp}}")
)
KERNEL: Final = CLIP.replace(
    "{use: dps, steps: 4}", "{use: diffusion, steps: 3, guidance: {use: pigdm}, kernel: {use: ddim}}"
)
FLOW: Final = """\
input: {read: simulate, from: {read: frames, path: frames}}
operator: {use: select_frames, every: 2}
noise: {use: gaussian, std: 0.02}
prior: {use: spectral_gaussian}
sampler: {use: normalised_bidirectional_warp, flow: {use: still}}
samples: 2
"""


@final
@attrs.frozen
class Use:
    """Where a kind of component is used.

    Attributes:
        right: the bundled component whose method is spoilt.
        written: what stands for it in ``recipe``.
        words: the command, but for the recipe.
    """

    kind: str
    right: str
    written: str
    recipe: str = CLIP
    words: tuple[str, ...] = ("run",)


USES: Final = (
    Use("operator", "temporal_average", "use: temporal_average"),
    Use("prior", "spectral_gaussian", "use: spectral_gaussian"),
    Use("sampler", "dps", "use: dps"),
    Use("guidance", "pigdm", "use: pigdm", KERNEL),
    Use("kernel", "ddim", "use: ddim", KERNEL),
    Use("noise", "gaussian", "noise: {use: gaussian"),
    Use("schedule", "vp", "use: vp"),
    Use("flow", "still", "use: still", FLOW),
    Use("metric", "psnr", "metrics: [psnr", f"metrics: [psnr]\n{CLIP}"),
    Use(
        "baseline",
        "repeated",
        ": repeated",
        f"{RECIPES['still']}baselines: {{r: repeated}}",
        ("evaluate", "--folder", "set"),
    ),
    Use("reader", "npz", "read: npz"),
)


@final
@attrs.define
class Plugins(Study):
    """One plugin a trial, with one method that is wrong in one way."""

    name: ClassVar[str] = "plugins"
    title: ClassVar[str] = "misbehaving plugins: every kind, every method, wrong shapes, types and exceptions"
    goal: ClassVar[int] = 300
    short: ClassVar[tuple[int, ...]] = tuple(range(7))

    home: Path = Path()
    catalog: Catalog = attrs.field(factory=Catalog)
    trials: tuple[tuple[Use, str, str], ...] = ()

    def prepare(self, home: Path) -> None:
        """Furnish, and list every kind, method and mischief in a shuffled order."""
        self.home, self.catalog = furnished(home), Catalog.discover()
        # kinds that plugins open are their plugins' to try
        missing = set(KINDS) - UNUSED - {use.kind for use in USES}
        assert not missing, f"say where components of the kinds {missing} are used"
        every = [(use, method, spoil) for use in USES for method in methods(base_of(use.kind)) for spoil in SPOILS]
        order = np.random.default_rng(0).permutation(len(every))
        self.trials = tuple(every[int(place)] for place in order)

    def trial(self, number: int, folder: Path) -> Verdict:
        """Install the plugin, and run a recipe with it."""
        use, method, spoil = self.trials[number % len(self.trials)]
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        shelf = folder / "shelf"
        shelf.mkdir()
        self._install(shelf, use, method, spoil)
        (folder / "bad.yaml").write_text(_recipe(use), encoding="utf-8")
        with installed(shelf):
            ended = command(use.words[0], "bad.yaml", *use.words[1:], cpu_seconds=10)
        said = f"{use.kind}, {method} {spoil}"
        verdict = judged(ended, folder)
        if verdict.kind in ("refused", "failed") and "bad" not in ended.err.lower().replace("bad.yaml", ""):
            return Verdict("fault", f"{said}: neither the part nor its plugin is named: {verdict.text}")
        if verdict.kind == "done" and not _finite(folder):
            return Verdict("fault", f"{said}: finished, but the result is not finite: {verdict.text}")
        return attrs.evolve(verdict, text=f"{said}: {verdict.text}")

    def _install(self, shelf: Path, use: Use, method: str, spoil: str) -> None:
        target = self.catalog.find(use.kind, use.right).component.target
        name = f"Bad{use.kind.title()}"
        made = f"{name} = misbehaving({name!r}, {target!r}, {method!r}, {spoil!r})\n"
        text = f"from tests.reliability.misbehaving import misbehaving\n\n{made}"
        listed = manifest_of((use.kind, f"bad_{use.kind}", f"badplug_parts:{name}"))
        pretend(shelf, "badplug", manifest=listed, modules={"badplug_parts.py": text})


def _recipe(use: Use) -> str:
    """The recipe with the bad component in the place of the bundled one."""
    assert use.written in use.recipe, use
    return HEAD + use.recipe.replace(use.written, use.written.replace(use.right, f"bad_{use.kind}"))


def _finite(folder: Path) -> bool:
    for path in folder.glob("runs/bad/*/solution.nc"):
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            if not np.isfinite(dataset["video"].values).all():
                return False
    return True
