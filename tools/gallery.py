"""Draw what each operator does to one photograph into docs/gallery/, and an index of the pictures.

    python tools/gallery.py [FOLDER]

The photograph comes with scikit-image and is read at run time; moving scenes are made by shifting it. The pictures are
derived from it and stay out of the repository.
"""

import sys
from pathlib import Path

import numpy as np
import skimage.data
import torch
from PIL import Image
from torch import Tensor

from invsolve import Identity, NonlinearStack, Operator, Scaled, Stack, pipeline
from invsolve.plugin import Catalog
from invsolve.testing.examples import NoExample, example
from invsolve_operators import (
    CameraResponse,
    Convolution,
    Downsample,
    DownsampledAverage,
    ExposureAverage,
    Linearise,
    Mask,
    Mosaic,
    Quantise,
    RollingShutter,
    SelectFrames,
    TemporalAverage,
    Warp,
)
from invsolve_operators._plugin import COMPONENTS

SIZE = 192
FRAMES = 8  # that an operator sees unless it is arranged otherwise
SPEED = 3  # pixels per frame of the moving scene


def scene(frames: int) -> Tensor:
    """A window that slides over the photograph, linear light ``1 c t h w``."""
    picture = torch.from_numpy(skimage.data.chelsea().copy()).permute(2, 0, 1).double() / 255
    windows = [picture[:, 40 : 40 + SIZE, 90 + SPEED * n : 90 + SPEED * n + SIZE] for n in range(frames)]
    return Linearise(curve="srgb")(torch.stack(windows, dim=1)[None])


def swirl() -> np.ndarray:
    """A flow that turns around the centre."""
    rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    strength = 0.8 * np.exp(-(rows**2 + columns**2) / (2 * (SIZE / 5) ** 2))
    return np.stack([columns * strength, -rows * strength])


def exhibits() -> dict[str, tuple[Operator, int]]:
    """Operators with settings that show what they do, and the number of frames that each sees."""
    average = TemporalAverage(frames=8)
    bright = pipeline(CameraResponse(curve="gamma:4"), Linearise(curve="srgb"))
    coarse = pipeline(CameraResponse(), Quantise(bits=2, mode="round"), Linearise(curve="srgb"))
    return {
        "camera_response": (bright, 1),
        "convolution": (Convolution(kernel="camera_shake", size=31, seed=3), 1),
        "downsample": (Downsample(factor=6, method="bicubic"), 1),
        "downsampled_average": (DownsampledAverage(frames=4, stride=4, block=4), 16),
        "exposure_average": (ExposureAverage(frames=16, intervals_frames=[[0.0, 5.5], [8.0, 15.25]]), 16),
        "identity": (Identity(), 1),
        "linearise": (Linearise(curve="srgb"), 1),
        "mask": (Mask(keep=0.3, seed=1), 1),
        "mosaic": (Mosaic(pattern="rggb"), 1),
        "nonlinear_stack": (NonlinearStack(operators=(bright, Scaled(factor=0.25)), frames=(1, 1)), 1),
        "quantise": (coarse, 1),
        "rolling_shutter": (RollingShutter(readout_frames=14.0, exposure_frames=1.0), 15),
        "scaled": (Scaled(factor=0.25), 1),
        "select_frames": (SelectFrames(every=8), 17),
        "stack": (Stack(operators=(average, SelectFrames(indices=(0, 7), frames=8)), frames=(1, 2)), 8),
        "temporal_average": (average, 8),
        "warp": (Warp(values=swirl(), border="replicate"), 1),
    }


def drawn(video: Tensor) -> Image.Image:
    """Frames side by side, display-encoded; small ones enlarged pixel by pixel."""
    shown = CameraResponse(curve="srgb")(video)[0].expand(3, -1, -1, -1)
    factor = SIZE // shown.shape[-1]
    strip = torch.cat(shown.unbind(1), dim=-1).repeat_interleave(factor, -1).repeat_interleave(factor, -2)
    return Image.fromarray((strip.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())


def main(folder: Path) -> None:
    """Write a picture per operator and `index.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, chosen = Catalog.discover(), exhibits()
    rows = []
    for component in COMPONENTS:
        # an operator that nobody arranged is shown as the example in its docstring has it
        if component.name not in chosen:
            entry = catalogue.find("operator", component.name)
            try:
                chosen[component.name] = example(catalogue, entry, catalogue.load_entry(entry)), FRAMES
            except NoExample as reason:
                sys.stdout.write(f"no picture of {component.name}: {reason}\n")
                continue
        operator, frames = chosen[component.name]
        clip = scene(frames)
        before, after = drawn(clip[:, :, :1]), drawn(operator(clip))
        gap = 8
        both = Image.new("RGB", (before.width + gap + after.width, max(before.height, after.height)), "white")
        both.paste(before, (0, 0))
        both.paste(after, (before.width + gap, 0))
        both.save(folder / f"{component.name}.png")
        rows.append(f'<h2>{component.name}</h2><p>{component.summary}</p><img src="{component.name}.png">')
    page = "<!doctype html><title>Operators</title><h1>A frame of the scene, and what is observed</h1>\n" + "\n".join(
        rows
    )
    (folder / "index.html").write_text(page, encoding="utf-8")
    sys.stdout.write(f"{len(rows)} pictures in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "gallery")
