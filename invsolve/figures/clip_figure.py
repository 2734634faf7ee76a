"""`comparison.png` of a clip: the observation at the left, a row of frames for everything else."""

from pathlib import Path
from typing import Any, Final

from invsolve.figures.clip_strips import clip_strips
from invsolve.figures.display import for_display
from invsolve.figures.saving import save_figure
from invsolve.figures.strip import GAP, INCHES, Strip, draw_strip, highest_of, shown_frames
from invsolve.metrics.psnr import psnr
from invsolve.metrics.reconstruction import Reconstruction

OBSERVED_FRAMES: Final = 2.2  # width of the observation, in frames


def write_clip_figure(path: Path, reconstruction: Reconstruction, observation: int = 0) -> None:
    """Draw one observation of `reconstruction`, with PSNRs where the truth is known.

    Raises:
        WriteError: where `path` exists or cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    strips = clip_strips(reconstruction, observation)
    observed = for_display(reconstruction.observation[observation], reconstruction.observation_space.transfer)
    several = observed.shape[1] > 1
    if several:
        strips.insert(0, Strip(f"observed\n{observed.shape[1]} frames", observed))
    frames = shown_frames(reconstruction.space.frames)
    _, total, height, width = reconstruction.space.shape
    tall = INCHES * height / width
    wide = INCHES * len(frames) * (1 + GAP)
    left = 0.01 if several else OBSERVED_FRAMES * INCHES
    maps = [row for row, strip in enumerate(strips) if strip.map]
    tight = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, hspace=0.02, wspace=0.01)
    figure = Figure(figsize=(left + wide + 2.2, (tall + 0.06) * len(strips) + 0.5), dpi=150, layout=tight)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(strips), 3, width_ratios=(left, wide + 1.2, 0.1))
    if not several:
        _draw_observed(figure.add_subplot(grid[: min(3, len(strips)), 0]), observed, reconstruction, observation)
    highest, drawn = highest_of(strips), []
    for row, strip in enumerate(strips):
        axes = figure.add_subplot(grid[row, 1])
        drawn.append(draw_strip(axes, strip, frames, total, highest))
        if row == 0:
            _time_axis(axes, frames, reconstruction)
    if maps:
        scale = figure.add_subplot(grid[maps[0] : maps[-1] + 1, 2])
        figure.colorbar(drawn[maps[0]], cax=scale).ax.tick_params(labelsize=7)
    save_figure(path, figure)


def _draw_observed(axes: Any, observed: Any, reconstruction: Reconstruction, observation: int) -> None:
    picture = observed[:, 0] if observed.shape[0] == 3 else observed[:1, 0]
    pixels = picture.permute(1, 2, 0).float().cpu().numpy()
    axes.imshow(pixels if pixels.shape[-1] == 3 else pixels[..., 0], cmap="gray", vmin=0.0, vmax=1.0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_anchor("N")
    repeated, truth = reconstruction.observation_as_truth, reconstruction.comparable_truth
    ratio = ""
    if repeated is not None and truth is not None:
        ratio = (
            f"\n{psnr(repeated[observation : observation + 1], truth[observation : observation + 1]):.1f} dB, repeated"
        )
    axes.set_title(f"observed{ratio}", fontsize=9)


def _time_axis(axes: Any, frames: list[int], reconstruction: Reconstruction) -> None:
    width, rate = reconstruction.space.width, reconstruction.space.frame_rate
    step = width + max(1, round(GAP * width))
    axes.set_xticks([width / 2 + step * place for place in range(len(frames))])
    labels = [f"frame {frame}" if rate is None else f"{1000 * frame / rate:.0f} ms" for frame in frames]
    axes.set_xticklabels(labels, fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=2)
