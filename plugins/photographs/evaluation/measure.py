"""How near the videos of photographs come to the truth.

python plugins/photographs/evaluation/measure.py --weights FILE --frames FOLDER --range 190..254
python plugins/photographs/evaluation/measure.py --weights FILE --pairs blurred.png,truth.mp4 ...

PSNR [dB] of one squared error pooled over the frames of a clip, in the better direction of the whole clip.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import attrs
import numpy as np
import torch
from cyclopts import App
from scenes import Scene, pair, windows
from torch import Tensor

from invsolve import GaussianNoise, Problem, solve
from invsolve.media import ImageReader
from invsolve.media.png_writer import write_png
from invsolve.metrics.ssim import ssim
from invsolve.operator.pipeline import pipeline
from invsolve.plugin import Catalog
from invsolve.posterior.coverage import coverage
from invsolve_photographs.deblurring.noise_level import noise_std
from invsolve_photographs.photograph_prior import PhotographPrior
from invsolve_photographs.photograph_sampler import PhotographSampler

app = App()
SAMPLES = 8


@app.default
def main(
    *,
    weights: Path,
    frames: Path | None = None,
    range: str = "190..254",
    windows_count: int = 30,
    pairs: tuple[str, ...] = (),
    mirrors: int = 2,
    samples: bool = True,
    out: Path | None = None,
) -> None:
    """Measure `weights`, and print means over scenes as JSON; `out` takes every scene's numbers."""
    torch.set_num_threads(1)
    scenes = [pair(Path(one), Path(other)) for one, other in (each.split(",") for each in pairs)]
    if frames is not None:
        scenes += windows(frames, range, windows_count)
    rows = []
    for scene in scenes:
        row = measured(scene, weights, mirrors, samples)
        rows.append(row)
        sys.stderr.write(f"{scene.name}: {row['likeliest']:.2f} dB, blurred {row['blurred']:.2f}\n")
    names = sorted({name for row in rows for name in row})
    means = {name: round(float(np.mean([row[name] for row in rows if name in row])), 4) for name in names}
    sys.stdout.write(json.dumps({"scenes": len(rows), **means}, indent=1) + "\n")
    if out is not None:
        out.write_text(json.dumps(rows, indent=1))


def measured(scene: Scene, weights: Path, mirrors: int, samples: bool) -> dict[str, float]:
    """Every number of a scene."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photograph.png"
        write_png(file, scene.photograph[0])
        prior = PhotographPrior(
            photograph=ImageReader(file),
            file=weights,
            frames=scene.truth.shape[2],
            mirrors=mirrors,  # type: ignore[arg-type]
        )
        began = time.process_time()
        z = torch.zeros(1, *prior.law.shape)
        z[:, -1] = 1
        video = prior.decode(z)
        seconds = time.process_time() - began
        row = _errors(scene, video, prior) | {"cpu_seconds": seconds}
        row |= _outside(scene, prior)
        return row | (_sampled(scene, prior) if samples else {})


def _errors(scene: Scene, video: Tensor, prior: PhotographPrior) -> dict[str, float]:
    truth, middle = scene.truth, scene.truth.shape[2] // 2
    turned = min((video, video.flip(2)), key=lambda each: float((each.clamp(0, 1) - truth).square().mean()))
    still = scene.photograph[:, :, None].expand_as(truth)
    found = Catalog.discover().load("flow", "dis")()
    flow = found.between(truth[:, :, -1], truth[:, :, middle])[0]
    height, width = flow.shape[-2:]
    ends = prior.law.estimate.path.along(
        torch.tensor([-1.0, 1.0]),
        prior.law.ends(
            torch.cat([torch.zeros(1, 98, *prior.law.shape[2:]), torch.ones(1, 1, *prior.law.shape[2:])], 1)
        ),
    )
    ends = torch.nn.functional.interpolate(ends.flatten(1, 2), scale_factor=4, mode="bilinear")[..., :height, :width]
    ends = ends.reshape(1, 2, 2, height, width)
    return {
        "blurred": psnr(still, truth),
        "likeliest": psnr(turned, truth),
        "blurred_middle": psnr(still[:, :, middle], truth[:, :, middle]),
        "likeliest_middle": psnr(video[:, :, middle], truth[:, :, middle]),
        "blurred_ssim": _ssim(still, truth),
        "likeliest_ssim": _ssim(turned, truth),
        "end_point_error": min(float((ends[:, :, k] - flow).square().sum(1).sqrt().mean()) for k in (0, 1)),
        "true_motion": float(flow.square().sum(1).sqrt().mean()),
    }


def _outside(scene: Scene, prior: PhotographPrior) -> dict[str, float]:
    """Frames before and after the exposure, against the photograph's own nearest frame repeated."""
    if scene.around is None:
        return {}
    beside = (scene.around.shape[2] - scene.truth.shape[2]) // 2
    wide = attrs.evolve(prior.law, times=torch.arange(-beside - 3, beside + 4) / 3)
    z = torch.zeros(1, *wide.shape)
    z[:, -1] = 1
    video = wide.decode(z)
    video = min((video, video.flip(2)), key=lambda each: float((each - scene.around).square().mean()))
    numbers = {f"frame_{k - beside - 3:+d}": psnr(video[:, :, k], scene.around[:, :, k]) for k in range(video.shape[2])}
    outside = [*range(beside), *range(video.shape[2] - beside, video.shape[2])]
    nearest = [beside if k < beside else video.shape[2] - beside - 1 for k in outside]
    numbers["outside"] = psnr(video[:, :, outside], scene.around[:, :, outside])
    numbers["outside_nearest"] = psnr(video[:, :, nearest], scene.around[:, :, outside])
    return numbers


def _sampled(scene: Scene, prior: PhotographPrior) -> dict[str, float]:
    """Draws of the whole law, turned to the truth's direction."""
    operators = {
        name: Catalog.discover().load("operator", name) for name in ("linearise", "temporal_average", "camera_response")
    }
    light = pipeline(
        operators["linearise"](curve="gamma:2.2"),
        operators["temporal_average"](frames=scene.truth.shape[2], transfer="ignore"),
        operators["camera_response"](curve="gamma:2.2"),
    )
    observation = prior.picture[:, :, None]
    problem = Problem(light, observation, prior, GaussianNoise(noise_std(prior.picture)))
    solution = solve(problem, PhotographSampler(), seed=0, samples=SAMPLES)
    likeliest = solve(problem, PhotographSampler(picture_spread=0, end_spread=0), seed=0, samples=1)
    truth, found = scene.truth, solution.video
    turned = torch.stack([min((v, v.flip(2)), key=lambda each: float((each - truth).square().mean())) for v in found])
    errors = [psnr(each, truth) for each in turned]
    agreeing = [float((v - truth).square().mean()) <= float((v.flip(2) - truth).square().mean()) for v in found]
    return {
        "corrected": max(psnr(likeliest.video[0], truth), psnr(likeliest.video[0].flip(2), truth)),
        "sample": float(np.mean(errors)),
        "best_of_8": max(errors),
        "mean_of_8": psnr(turned.mean(0), truth),
        "both_directions": float(0 < sum(agreeing) < SAMPLES),
        "chi_square": float(solution.chi_square.mean()),
        "coverage": coverage(turned, truth, 0.6).observed,
        "coverage_nominal": coverage(turned, truth, 0.6).nominal,
    }


def psnr(video: Tensor, truth: Tensor) -> float:
    """Of values rounded to 8 bits [dB]."""
    return float(-10 * ((video.clamp(0, 1) * 255).round() / 255 - truth).square().mean().log10())


def _ssim(video: Tensor, truth: Tensor) -> float:
    return ssim(video.clamp(0, 1), truth)


if __name__ == "__main__":
    app()
