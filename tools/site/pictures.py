"""Draw the pictures of the manual: what its tutorials save, what operators do, noise levels."""

import contextlib
import io
import re
import tempfile
from pathlib import Path

import skimage.data
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from invsolve import VPSchedule
from invsolve_priors import SpectralGaussian
from tools.gallery import main as draw_gallery

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
SHOWN = (0.05, 0.2, 0.5, 1.0, 3.0)


def draw(folder: Path) -> dict[str, str]:
    """Draw everything into `folder`; where the picture of each operator lies, from the root of the pages."""
    draw_gallery(folder / "operators")
    for page in sorted(TUTORIALS.glob("*.md")):
        if ".save(" in page.read_text(encoding="utf-8"):
            run(page, folder)
    noise_levels(folder / "noise_levels.png")
    return {path.stem: f"pictures/operators/{path.name}" for path in (folder / "operators").glob("*.png")}


def code(page: Path) -> str:
    """The Python of a page, from top to bottom."""
    return "".join(
        re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    )


def run(page: Path, folder: Path) -> None:
    """Run a tutorial as a reader would; what it saves goes to `folder`."""
    with tempfile.TemporaryDirectory() as empty, contextlib.chdir(empty), contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code(page), page.name, "exec"), {"__name__": "tutorial"})
        for picture in Path(empty).glob("*.png"):
            picture.replace(folder / picture.name)


def noise_levels(path: Path) -> None:
    """A picture at several noise levels, and what a Gaussian prior makes of it at each."""
    picture = torch.from_numpy(skimage.data.chelsea()[20:276:2, 90:346:2].copy()).permute(2, 0, 1)[None, :, None] / 255
    prior, schedule = SpectralGaussian(), VPSchedule()
    levels = [min(schedule.levels(1000), key=lambda level: abs(level.sbar - shown)) for shown in SHOWN]
    figure = Figure(figsize=(2 * len(levels), 4.3), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
    for column, level in enumerate(levels):
        z = level.a * prior.encode(picture) + level.s * noise
        pair = {f"s / a = {level.sbar:.2g}": z / level.a, "clean estimate": prior.predict(z, level).z0}
        for row, (title, latent) in enumerate(pair.items()):
            axes = figure.add_subplot(2, len(levels), row * len(levels) + column + 1)
            axes.imshow(prior.decode(latent)[0, :, 0].clamp(0, 1).permute(1, 2, 0).numpy())
            axes.set_title(title, fontsize=9)
            axes.set_axis_off()
    figure.savefig(path)
