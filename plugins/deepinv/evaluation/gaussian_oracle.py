"""One Gaussian problem through both libraries: our samplers on deepinv's physics, deepinv's samplers on our operator.

    python plugins/deepinv/evaluation/gaussian_oracle.py > oracle.md

Prior N(0, I) in pictures, 8 frames of 8 pixels, y = the mean of the frames + 0.1 n; 256 samples. The exact posterior is
known: what the mean of the frames says (the *range*), and what it leaves open (the *null* space). Prints the table of
the README.

deepinv's physics is a ``LinearPhysics`` as its users write one. Its samplers run with ``minus_one_one=False``, in
the units of the prior, with our prior as their denoiser: x / (1 + sigma^2), which is exact. `DPSDataFidelity` is used
without the clip to [-1, 1] that `DPS` adds, since a Gaussian is not bounded.
"""

# ruff: noqa: T201

import time
import warnings
from collections.abc import Callable
from typing import Any

import deepinv
import torch
from torch import Tensor

from invsolve import GaussianNoise, Problem, VideoSpace, solve
from invsolve_deepinv import as_denoiser, as_physics, operator_of
from invsolve_operators import TemporalAverage
from invsolve_priors import SpectralGaussian
from invsolve_samplers import DDIMKernel, DDPMKernel, Diffusion, DPSGuidance, ExactGuidance, ExactKernel, PiGDMGuidance

FRAMES, WIDTH, STD, SAMPLES = 8, 8, 0.1, 256
SPACE = VideoSpace(frames=FRAMES, height=1, width=WIDTH, channels=1)
PRIOR = SpectralGaussian(mean=0.0, std=1.0, spatial_exponent=0.0, temporal_exponent=0.0, channel_correlation=0.0)
SAMPLING = deepinv.sampling
Drawn = Callable[[], Tensor]  # s c t h w


class FrameMean(deepinv.physics.LinearPhysics):
    """The mean of the frames of ``b c t h w``, as a user of deepinv writes it."""

    def A(self, x: Tensor, **_: Any) -> Tensor:  # noqa: D102
        return x.mean(2, keepdim=True)

    def A_adjoint(self, y: Tensor, **_: Any) -> Tensor:  # noqa: D102
        return y.expand(-1, -1, FRAMES, -1, -1) / FRAMES


def theirs(physics: Any, fidelity: Any, y: Tensor, steps: int) -> Tensor:
    """deepinv's `PosteriorDiffusion` with the solver of DDPM."""
    sde = SAMPLING.VariancePreservingDiffusion(alpha=1.0, dtype=torch.float64)
    times = torch.linspace(1.0, 0.0, steps + 1, dtype=torch.float64)
    solver = SAMPLING.DDPMSolver(timesteps=times, rng=torch.Generator().manual_seed(0))
    model = SAMPLING.PosteriorDiffusion(
        data_fidelity=fidelity,
        denoiser=as_denoiser(PRIOR, SPACE),
        sde=sde,
        solver=solver,
        minus_one_one=False,
        dtype=torch.float64,
    )
    repeated = y.expand(SAMPLES, -1, -1, -1, -1)
    drawn: Tensor = model(repeated, physics, x_init=(SAMPLES, *SPACE.shape), seed=0)
    return drawn.detach()


def ours(operator: Any, sampler: Any, y: Tensor) -> Tensor:
    """The samples of `solve`."""
    problem = Problem(operator, y, PRIOR, GaussianNoise(std=STD))
    return solve(problem, sampler, seed=0, samples=SAMPLES).video[:, 0]


def judged(samples: Tensor, y: Tensor) -> tuple[float, float, float, float]:
    """Relative bias of the mean, variances of range and null space over the exact ones, and residual over the noise."""
    seen = samples.mean(2, keepdim=True)
    exact_mean = y[0] / FRAMES / (1 / FRAMES + STD**2)
    exact_variance = 1 / FRAMES - (1 / FRAMES) ** 2 / (1 / FRAMES + STD**2)
    bias = (seen.mean(0) - exact_mean).norm() / exact_mean.norm()
    range_ratio = seen.var(0).mean() / exact_variance
    null_ratio = (samples - seen).var(0).sum() / ((FRAMES - 1) * WIDTH)
    residual = (seen - y[0]).square().mean().sqrt() / STD
    return float(bias), float(range_ratio), float(null_ratio), float(residual)


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    mine, other = TemporalAverage(frames=FRAMES), FrameMean(noise_model=deepinv.physics.GaussianNoise(STD))
    bridged = operator_of(other, size=SPACE.shape, layout="video")
    lent = as_physics(mine, SPACE, GaussianNoise(std=STD))
    generator = torch.Generator().manual_seed(1)
    truth = torch.randn(1, *SPACE.shape, dtype=torch.float64, generator=generator)
    y = mine.forward(truth) + STD * torch.randn(1, 1, 1, 1, WIDTH, dtype=torch.float64, generator=generator)
    assert torch.allclose(bridged.forward(truth), mine.forward(truth))

    rows: list[tuple[str, str, Drawn]] = []
    for name, steps, made in (
        ("exact (`ExactKernel`)", 20, Diffusion(kernel=ExactKernel(), guidance=ExactGuidance(), steps=20)),
        ("PiGDM", 100, Diffusion(kernel=DDIMKernel(eta=1.0), guidance=PiGDMGuidance(), steps=100)),
        ("PiGDM", 1000, Diffusion(kernel=DDPMKernel(), guidance=PiGDMGuidance(), steps=1000)),
        ("DPS, defaults", 1000, Diffusion(kernel=DDPMKernel(), guidance=DPSGuidance(), steps=1000)),
    ):
        for where, operator in (("ours", mine), ("deepinv's", bridged)):
            rows.append((f"ours: {name}, {steps} steps", where, lambda o=operator, s=made: ours(o, s, y)))
    for name, steps, fidelity in (
        ("PiGDM", 100, lambda: SAMPLING.PiGDMDataFidelity(cg_max_iter=20)),
        ("PiGDM", 1000, lambda: SAMPLING.PiGDMDataFidelity(cg_max_iter=20)),
        ("MomentMatching", 1000, lambda: SAMPLING.MomentMatchingDataFidelity(cg_max_iter=20)),
        ("DPS, weight 1 (default)", 1000, lambda: SAMPLING.DPSDataFidelity(weight=1.0)),
        ("DPS, weight 100", 1000, lambda: SAMPLING.DPSDataFidelity(weight=100.0)),
    ):
        for where, operator in (("ours", lent), ("deepinv's", other)):
            rows.append(
                (f"deepinv: {name}, {steps} steps", where, lambda o=operator, f=fidelity, n=steps: theirs(o, f(), y, n))
            )
    print("| sampler | operator | bias of mean | var / exact, range | var / exact, null | residual / noise | s |")
    print("|---|---|---|---|---|---|---|")
    exact = exact_draws(y)
    rows.insert(0, ("exact posterior, 256 draws", "", lambda: exact))
    for name, where, draw in rows:
        start = time.process_time()
        numbers = judged(draw(), y)
        print(f"| {name} | {where} | " + " | ".join(f"{n:.3f}" for n in numbers), end="", flush=True)
        print(f" | {time.process_time() - start:.1f} |", flush=True)


def exact_draws(y: Tensor) -> Tensor:
    """Draws of the posterior from its closed form, written out."""
    variance = 1 / FRAMES - (1 / FRAMES) ** 2 / (1 / FRAMES + STD**2)
    generator = torch.Generator().manual_seed(2)
    free = torch.randn(SAMPLES, *SPACE.shape, dtype=torch.float64, generator=generator)
    free = free - free.mean(2, keepdim=True)
    seen = y[0] / FRAMES / (1 / FRAMES + STD**2)
    return free + seen + variance**0.5 * torch.randn(SAMPLES, 1, 1, 1, WIDTH, dtype=torch.float64, generator=generator)


if __name__ == "__main__":
    main()
