"""Photographs beside what was seen in them, one a row.

python contact_sheet.py OUT.png PHOTO ... [--weights FILE]
"""

import sys
from pathlib import Path

import torch
from cyclopts import App
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from invsolve.media import ImageReader
from invsolve_photographs.deblurring.diagnosis import Diagnosis
from invsolve_photographs.deblurring.maps import ambiguity_map, motion_map
from invsolve_photographs.photograph_prior import PhotographPrior

app = App()


@app.default
def main(out: Path, *photos: Path, weights: Path | None = None, longest_side: int = 1280, crop: int = 320) -> None:
    """Draw the photograph, a part of it from its middle, the same part of the sharp picture, motion and regions."""
    torch.set_num_threads(1)
    figure = Figure(figsize=(20, 3.6 * len(photos)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(photos), 5, squeeze=False)
    for row, photo in zip(panels, photos, strict=True):
        reader = ImageReader(photo, channels="rgb", longest_side=longest_side)
        prior = PhotographPrior(photograph=reader, file=weights)
        seen = Diagnosis.of(prior.picture, prior.law)
        height, width = prior.law.size
        top, left = max(0, (height - crop) // 2), max(0, (width - crop) // 2)
        part = (..., slice(top, top + crop), slice(left, left + crop))
        sharp = prior.law.estimate.sharp[0]
        shown = (prior.picture[0], prior.picture[0][part], sharp[part], motion_map(prior.law), ambiguity_map(prior.law))
        titles = (photo.name, "part of the photograph", "sharp", seen.text(), f"{prior.law.regions.count} region(s)")
        for axes, picture, title in zip(row, shown, titles, strict=True):
            axes.imshow(picture.clamp(0, 1).permute(1, 2, 0).numpy())
            axes.set_title(title[:70], fontsize=8)
            axes.set_axis_off()
        change = float(-10 * (sharp.clamp(0, 1) - prior.picture[0]).square().mean().log10())
        sys.stdout.write(f"{photo.name}: {width} x {height}, {seen}, sharp to photograph {change:.1f} dB\n")
    figure.savefig(out)


if __name__ == "__main__":
    app()
