"""Held-out frames of real clips, interpolated from their neighbours: PSNR beside cross-fades and plain flow warping.

    python tests/benchmarks/interpolation.py CLIP... --every 2 --groups 20 --longest-side 640 --out FOLDER

CLIP is a video file or a folder of pictures. Of every `every` + 1 frames in a row the outer two are seen and the
others held out; `groups` such rows are taken, spread evenly over the clip. Values are as stored (display-encoded), PSNR
is over all pixels and channels of a held-out frame, and a mean over rows comes with its standard error. The table goes
to FOLDER/table.md, a picture of the row in the middle of each clip to FOLDER/<clip>.png.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from invsolve import GaussianNoise, Problem, Sampler, solve
from invsolve.media import ReadContext
from invsolve.media.frames import FramesReader
from invsolve.media.video import VideoReader
from invsolve.motion.bilinear import bilinear_sources, look_up
from invsolve_operators import SelectFrames
from invsolve_priors import SpectralGaussian
from invsolve_samplers import BidirectionalWarp, DISFlow, NormalisedBidirectionalWarp

NOISE = GaussianNoise(std=0.004)
FLOW = DISFlow()
BLOCK = 8  # side of the squares over which errors and uncertainties are compared [pixels]
SAMPLES = 8

Method = Callable[[Tensor], Tensor]  # a row of frames t c h w, of which it looks at the outer two; the frames between


def between(row: Tensor, sampler: Sampler, samples: int = 1) -> Tensor:
    seen = row[[0, -1]].transpose(0, 1)[None]
    problem = Problem(SelectFrames(every=len(row) - 1), seen, SpectralGaussian(), NOISE)
    return solve(problem, sampler, seed=0, samples=samples).video[:, 0, :, 1:-1].transpose(1, 2)


def cross_fade(row: Tensor) -> Tensor:
    last = len(row) - 1
    return torch.stack([row[0].lerp(row[-1], t / last) for t in range(1, last)])


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    return look_up(picture, bilinear_sources(flow[None], "replicate"))


def warp_first(row: Tensor) -> Tensor:
    """`x_0[p - t f(p)]`: the flow of the first frame, taken for that of the frame between."""
    forward, _ = FLOW.between(row[:1], row[-1:])
    last = len(row) - 1
    return torch.stack([warp(row[0], -t / last * forward[0]) for t in range(1, last)])


def warp_both(row: Tensor) -> Tensor:
    """The mean of both frames warped like that, weighted by time."""
    forward, backward = FLOW.between(row[:1], row[-1:])
    last = len(row) - 1
    pairs = [(t / last, -t / last * forward[0], (t / last - 1) * backward[0]) for t in range(1, last)]
    return torch.stack([warp(row[0], there).lerp(warp(row[-1], back), t) for t, there, back in pairs])


METHODS: dict[str, Method] = {
    "cross-fade": cross_fade,
    "first frame warped": warp_first,
    "both warped, mixed by time": warp_both,
    "`bidirectional_warp`, mean": lambda row: between(row, BidirectionalWarp(FLOW, draw=False))[0],
    "`normalised_bidirectional_warp`, mean": lambda row: between(row, NormalisedBidirectionalWarp(FLOW, draw=False))[0],
}


def read(path: Path, longest_side: int) -> Tensor:
    reader = FramesReader if path.is_dir() else VideoReader
    return reader(path=path, longest_side=longest_side).read(ReadContext()).video[0].transpose(0, 1)


def psnr(found: Tensor, truth: Tensor) -> float:
    """Mean over the frames of a row [dB]."""
    squares = (found.clamp(0, 1) - truth).square().flatten(1).mean(1)
    return float(-10 * squares.clamp_min(1e-10).log10().mean())


def blocks(values: Tensor) -> Tensor:
    """Root mean squares over squares of pixels."""
    return torch.nn.functional.avg_pool2d(values.square().mean(1, keepdim=True), BLOCK).sqrt().flatten()


def mean_error(values: list[float], digits: int = 2) -> str:
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{statistics.fmean(values):.{digits}f} ± {error:.{digits}f}"


def picture(path: Path, row: Tensor, found: dict[str, Tensor], std: Tensor) -> None:
    from matplotlib.figure import Figure

    middle = len(row) // 2
    truth = row[middle]
    shown = {"truth": truth} | {name: frames[middle - 1] for name, frames in found.items()}
    wide = truth.shape[-1] / truth.shape[-2]
    figure = Figure(figsize=(2.6 * wide * (len(shown) + 1), 5.6), dpi=90, layout="constrained")
    axes = figure.subplots(2, len(shown) + 1, squeeze=False)
    for column, (name, frame) in enumerate(shown.items()):
        score = "" if name == "truth" else f"\n{psnr(frame[None], truth[None]):.2f} dB"
        axes[0, column].set_title(name.strip("`").replace("`", "") + score, fontsize=9)
        axes[0, column].imshow(frame.clamp(0, 1).permute(1, 2, 0).numpy())
        axes[1, column].imshow((frame - truth).square().mean(0).sqrt().numpy(), cmap="magma", vmin=0, vmax=0.15)
    axes[0, -1].set_title(f"std over {SAMPLES} samples", fontsize=9)
    axes[0, -1].imshow(std[middle - 1].square().mean(0).sqrt().numpy(), cmap="magma", vmin=0, vmax=0.15)
    for each in axes.flatten():
        each.set_axis_off()
    axes[1, 0].set_axis_on()
    axes[1, 0].set(xticks=[], yticks=[], ylabel="error, 0 to 0.15")
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--every", type=int, default=2, help="one frame in so many is seen")
    parser.add_argument("--groups", type=int, default=20, help="rows of frames for each clip")
    parser.add_argument("--longest-side", type=int, default=640, help="pictures are scaled down to it [pixels]")
    parser.add_argument("--out", type=Path, default=Path("interpolation"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    columns = [*METHODS, "gain on the cross-fade", "error / uncertainty", "correlation"]
    lines = [f"| clip | rows x held out | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for path in options.clips:
        clip = read(path, options.longest_side)
        starts = sorted({round(s) for s in torch.linspace(0, len(clip) - 1 - options.every, options.groups).tolist()})
        scores: dict[str, list[float]] = {name: [] for name in METHODS}
        ratios, correlations = [], []
        for number, start in enumerate(starts):
            row = clip[start : start + options.every + 1]
            found = {name: method(row) for name, method in METHODS.items()}
            for name, frames in found.items():
                scores[name].append(psnr(frames, row[1:-1]))
            drawn = between(row, NormalisedBidirectionalWarp(FLOW), samples=SAMPLES)
            error, std = list(found.values())[-1] - row[1:-1], drawn.std(0)
            ratios.append(float((error.square().mean() / std.square().mean()).sqrt()))
            correlations.append(float(torch.corrcoef(torch.stack([blocks(error), blocks(std)]))[0, 1]))
            if number == len(starts) // 2:
                picture(options.out / f"{path.stem or path.name}.png", row, found, std)
        gains = [ours - faded for ours, faded in zip(list(scores.values())[-1], scores["cross-fade"], strict=True)]
        cells = [*(mean_error(values) for values in scores.values()), mean_error(gains)]
        cells += [mean_error(ratios), mean_error(correlations)]
        lines.append(f"| {path.name} | {len(starts)} x {options.every - 1} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    (options.out / "table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
