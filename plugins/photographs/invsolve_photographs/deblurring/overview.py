"""`overview.png`: what was seen in a photograph, on one page."""

from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from invsolve.files.atomic import atomic
from invsolve_photographs.deblurring.maps import UNCERTAIN, ambiguity_map, arrows, lengths, uncertainty
from invsolve_photographs.law import PhotographLaw

ARROWS = 24  # along the longest side
INCHES = 4.2  # width of a panel


def write_overview(path: Path, photograph: Float[Tensor, "1 3 h w"], law: PhotographLaw) -> None:
    """Draw the photograph, the sharp picture, the motion with arrows, the regions and the uncertainty.

    Raises:
        WriteError: where `path` exists or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height, width = law.size
    panel = INCHES * height / width + 0.35
    figure = Figure(figsize=(3 * INCHES, 2 * panel), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 3)
    for axes in panels.flat:
        axes.set_axis_off()
    _show(panels[0, 0], photograph[0], "photograph")
    _show(panels[0, 1], law.estimate.sharp[0], "sharp picture, mid-exposure")
    _show(panels[0, 2], ambiguity_map(law), f"{law.regions.count} region(s), each with an open direction")
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    drawn = panels[1, 0].imshow(lengths(law).numpy(), extent=extent, cmap="viridis", vmin=0)
    panels[1, 0].set_title("motion from end to end [pixels]", fontsize=9)
    _arrows(panels[1, 0], law)
    figure.colorbar(drawn, ax=panels[1, 0], shrink=0.7)
    drawn = panels[1, 1].imshow(uncertainty(law)[0, 0].numpy(), cmap="magma", vmin=0, vmax=UNCERTAIN)
    panels[1, 1].set_title("uncertainty of the frames (std)", fontsize=9)
    figure.colorbar(drawn, ax=panels[1, 1], shrink=0.7)
    drawn = panels[1, 2].imshow(law.end_std[0, 0].numpy(), extent=extent, cmap="magma", vmin=0)
    panels[1, 2].set_title("uncertainty of the motion (std) [pixels]", fontsize=9)
    figure.colorbar(drawn, ax=panels[1, 2], shrink=0.7)
    with atomic(path) as partial:
        figure.savefig(partial, format="png")


def _show(axes: object, picture: Float[Tensor, "3 h w"], title: str) -> None:
    axes.imshow(picture.clamp(0, 1).permute(1, 2, 0).numpy())  # type: ignore[attr-defined]  # matplotlib's axes
    axes.set_title(title, fontsize=9)  # type: ignore[attr-defined]


def _arrows(axes: object, law: PhotographLaw) -> None:
    field = arrows(law)
    step = max(1, max(field.shape[1:]) // ARROWS)
    down, right = field[:, step // 2 :: step, step // 2 :: step].numpy()
    rows = [4 * (step // 2 + k * step) + 1.5 for k in range(down.shape[0])]
    columns = [4 * (step // 2 + k * step) + 1.5 for k in range(down.shape[1])]
    axes.quiver(  # type: ignore[attr-defined]
        columns, rows, right, down, color="white", angles="xy", pivot="middle", width=0.004, headwidth=4
    )
