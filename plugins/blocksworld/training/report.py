"""Measure a trained prior and write plugins/blocksworld/REPORT.md with its pictures.

python plugins/blocksworld/training/report.py [MODEL] [LOG...] [--clips 3000] [--test 64] [--samples 128]

The model is that of the weights `blocksworld`, the logs are those in report/, unless others are named.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from einops import rearrange
from matplotlib import pyplot as plt
from torch import Tensor

from invsolve.media import ReadContext, write_png
from invsolve_blocksworld import BlocksworldReader, BlocksworldWeights
from invsolve_priors import STDiT

HOME = Path(__file__).parents[1]
LEVELS = 12
SHRINKAGES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=BlocksworldWeights().path())
    parser.add_argument("logs", type=Path, nargs="*", default=sorted((HOME / "report").glob("*.jsonl")))
    parser.add_argument("--clips", type=int, default=3000, help="training clips that the Gaussian is fitted to")
    parser.add_argument("--test", type=int, default=64)
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--latents", type=Path, help="a run's folder of latents, to spare encoding the clips again")
    asked = parser.parse_args()
    prior = STDiT(file=asked.model, precision="float32")
    folder = HOME / "report"
    folder.mkdir(exist_ok=True)
    test = read("test", 0, asked.test)
    sections = [
        heading(prior),
        reconstruction(prior, test),
        denoising(prior, test, training_latents(prior, asked.clips, asked.latents), folder),
        samples(prior, asked.samples, asked.steps, folder),
        curves(asked.logs, folder),
    ]
    (HOME / "REPORT.md").write_text("\n".join(sections), encoding="utf-8")


def read(split: str, index: int, count: int) -> Tensor:
    """Clips of a split."""
    return BlocksworldReader(split=split, index=index, clips=count).read(ReadContext()).video


@torch.no_grad()
def encoded(prior: STDiT, clips: Tensor) -> Tensor:
    """Latents, a few clips at a time."""
    return torch.cat([prior.encode(part) for part in torch.split(clips, 8)])


def heading(prior: STDiT) -> str:
    """The card."""
    card = prior.card
    count = sum(p.numel() for p in prior.model.denoiser.parameters())
    first = sum(p.numel() for p in prior.model.autoencoder.parameters())
    linear = (
        "" if card.gaussian is None else f"- it corrects a linear estimate with {card.gaussian.rank} principal axes\n"
    )
    return (
        "# What the weights can do\n\n"
        "Written by `python plugins/blocksworld/training/report.py`.\n\n"
        f"- transformer: {count:,} parameters, {card.denoiser}\n"
        f"{linear}- autoencoder: {first:,} parameters, {card.autoencoder}\n"
        f"- output `{card.output}`, schedule `{card.schedule}`\n- sha256 `{prior.model.sha256}`\n"
        f"- {json.dumps({k: v for k, v in card.facts.items() if k != 'recipe'})}\n"
    )


@torch.no_grad()
def reconstruction(prior: STDiT, test: Tensor) -> str:
    """PSNR of the autoencoder."""
    decoded = torch.cat([prior.decode(prior.encode(part)) for part in torch.split(test, 8)])
    error = (decoded - test).square()
    spread = test.std(2, keepdim=True, correction=0).mean(1, keepdim=True)
    moving = (spread >= torch.quantile(spread.flatten(1), 0.9, dim=1)[:, None, None, None, None]).expand_as(error)
    whole = float(-10 * error.mean((1, 2, 3, 4)).log10().mean())
    return (
        f"## Autoencoder on {len(test)} test clips\n\nPSNR {whole:.2f} dB over the frame (mean over clips), "
        f"{float(-10 * error[moving].mean().log10()):.2f} dB over the tenth of the pixels that moves most.\n"
    )


def training_latents(prior: STDiT, count: int, folder: Path | None) -> Tensor:
    """Latents of `count` training clips."""
    if folder is None:
        return torch.cat([encoded(prior, read("train", i, 50)) for i in range(0, count, 50)])
    known = np.flatnonzero(np.load(folder / "known.npy"))[:count]
    return torch.from_numpy(np.load(folder / "latents.npy", mmap_mode="r")[known]).float()


@torch.no_grad()
def denoising(prior: STDiT, test: Tensor, train: Tensor, folder: Path) -> str:
    """Error of the clean estimate against the noise level, next to the best Gaussian of the training latents."""
    train = torch.cat([train, train.flip(2)]).flatten(1)
    z0 = encoded(prior, test)
    mean = train.mean(0)
    centred = train - mean
    gram = centred.double() @ centred.double().T / len(train)
    variances, dual = torch.linalg.eigh(gram)
    keep = variances > 1e-9 * variances[-1]
    variances, dual = variances[keep], dual[:, keep]
    axes = (centred.double().T @ dual / (variances * len(train)).sqrt()).float()
    floor = float(variances.sum()) / train.shape[1]
    rows, ours, theirs = [], [], []
    for level in prior.schedule.levels(LEVELS)[:-1]:
        eps = torch.randn(z0.shape, generator=torch.Generator().manual_seed(1))
        z = level.a * z0 + level.s * eps
        found = torch.cat([prior.predict(part, level).z0 for part in torch.split(z, 16)])
        error = float((found - z0).square().mean())
        offset = z.flatten(1) - level.a * mean
        inside = offset @ axes
        best = np.inf
        for shrinkage in SHRINKAGES:
            rest = shrinkage * floor
            inner = ((1 - shrinkage) * variances + rest).float()
            gain = level.a * inner / (level.a**2 * inner + level.s**2)
            outer = level.a * rest / (level.a**2 * rest + level.s**2)
            estimate = mean + (inside * (gain - outer)) @ axes.T + outer * offset
            best = min(best, float((estimate - z0.flatten(1)).square().mean()))
        ours.append(error)
        theirs.append(best)
        rows.append(f"| {level.time:.0f} | {level.s / level.a:.3g} | {error:.4f} | {best:.4f} | {best / error:.2f} |")
    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    times = [level.time for level in prior.schedule.levels(LEVELS)[:-1]]
    axis.semilogy(times, ours, label="trained prior")
    axis.semilogy(times, theirs, label="best Gaussian")
    axis.set(xlabel="timestep", ylabel="mean squared error of the clean latent")
    axis.legend()
    figure.savefig(folder / "denoising.png", dpi=80)
    return (
        f"## Denoising error on {len(z0)} test clips\n\nMean squared error of the clean latent (unit variance). The "
        f"Gaussian has the mean and the covariance of {len(train)} training clips (forwards and backwards), shrunk by "
        "the amount that suits it best at each level.\n\n| timestep | s / a | trained prior | Gaussian | ratio |\n"
        "| --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n\n![denoising](report/denoising.png)\n"
    )


@torch.no_grad()
def samples(prior: STDiT, count: int, steps: int, folder: Path) -> str:
    """A sheet of unguided samples, and a distance of their distribution from that of test clips."""
    levels = prior.schedule.levels(steps)
    z = torch.randn((count, *prior.latent_shape(prior.card.space)), generator=torch.Generator().manual_seed(0))
    for level, target in pairwise(levels):
        parts = [prior.predict(part, level) for part in torch.split(z, 16)]
        clean, eps = (torch.cat([getattr(part, name) for part in parts]) for name in ("z0", "eps"))
        z = target.a * clean + target.s * eps
    video = torch.cat([prior.decode(part) for part in torch.split(z, 8)]).clamp(0, 1)
    sheet = folder / "samples.png"
    sheet.unlink(missing_ok=True)
    write_png(sheet, rearrange(video[:8, :, ::3], "b c t h w -> c (b h) (t w)"))
    one, other = read("test", 1000, count), read("test", 2000, count)
    near, far = frechet(features(one), features(other)), frechet(features(video), features(other))
    return (
        f"## Samples\n\n{steps} deterministic steps from noise, frames 0, 3, 6 and 9 of eight clips:\n\n"
        "![samples](report/samples.png)\n\nFrechet distance of fixed features (means, spreads and steps of a 4 x 4 "
        f"grid of blocks) over {count} clips: samples to test clips {far:.3f}, "
        f"test clips to other test clips {near:.3f}.\n"
    )


def features(video: Tensor) -> Tensor:
    """Of each clip, over a 4 x 4 grid: brightness and its spread in time, and the size of frame differences."""
    blocks = rearrange(video, "b c t (y h) (x w) -> b c t y x (h w)", y=4, x=4)
    mean = blocks.mean(-1)
    moves = mean.diff(dim=2).abs().mean((1, 2))
    detail = blocks.std(-1).mean((1, 2))
    return torch.cat([each.flatten(1) for each in (mean.mean((1, 2)), mean.std(2).mean(1), moves, detail)], -1).double()


def frechet(one: Tensor, other: Tensor) -> float:
    """``|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))``."""
    c1, c2 = torch.cov(one.T), torch.cov(other.T)
    cross = torch.linalg.eigvals(c1 @ c2).real.clamp_min(0).sqrt().sum()
    return float((one.mean(0) - other.mean(0)).square().sum() + c1.trace() + c2.trace() - 2 * cross)


def curves(logs: list[Path], folder: Path) -> str:
    """Learning curves."""
    if not logs:
        return ""
    figure, axes = plt.subplots(1, len(logs), figsize=(5 * len(logs), 3.5), layout="constrained", squeeze=False)
    for axis, log in zip(axes[0], logs, strict=True):
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        for name in ("psnr", "psnr_moving", "loss", "error"):
            if name in lines[0] and not (name == "loss" and "psnr" in lines[0]):
                axis.plot([line["step"] for line in lines], [line[name] for line in lines], label=name)
        axis.set(xlabel="step", title=log.stem if log.stem != "log" else log.parent.name)
        axis.legend()
    figure.savefig(folder / "curves.png", dpi=80)
    return (
        "## Learning curves\n\nThe autoencoder, then its decoder alone (drawn when they were trained):\n\n"
        "![autoencoder](report/curves_autoencoder.png)\n\nThe transformer, its error in units of the linear estimate's:"
        "\n\n![curves](report/curves.png)\n"
    )


if __name__ == "__main__":
    mpl.use("Agg")
    torch.set_num_threads(2)
    main()
