"""How far each sampler is from a known posterior: `python tests/benchmarks/accuracy.py` writes docs/accuracy.md.

Eight frames of one pixel under a Gaussian prior, seen through their mean with noise std 0.1. Samplers that are affine
in their noise are probed: no Monte Carlo, the numbers are exact. The others are run 1024 times. With the beginnings of
rows' names as arguments only those are made, and what the file has of the others is kept.
"""

import math
import sys
import time
from pathlib import Path
from typing import Any, final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from invsolve import (
    DiscreteSchedule,
    FlowSchedule,
    GaussianNoise,
    Guidance,
    Kernel,
    Problem,
    Sampler,
    Schedule,
    VideoSpace,
    solve,
)
from invsolve.errors import ComponentError, RunFailed
from invsolve.testing.probing import affine_probe
from invsolve_operators import TemporalAverage
from invsolve_priors import Gaussian
from invsolve_samplers import (
    DAPS,
    DDIMKernel,
    DDNMGuidance,
    DDNMPlusGuidance,
    DDPMKernel,
    DDRMGuidance,
    DDSGuidance,
    DiffPIRGuidance,
    Diffusion,
    DPMSolverKernel,
    DPSGuidance,
    DSGGuidance,
    EulerKernel,
    ExactGuidance,
    ExactKernel,
    FlowChefGuidance,
    FlowDPSGuidance,
    FreeDoMGuidance,
    GaussNewtonGuidance,
    GMLDPSGuidance,
    HeunKernel,
    LGDMCGuidance,
    MPGDGuidance,
    NoGuidance,
    OTODEGuidance,
    PiGDMGuidance,
    PSLDGuidance,
    RedDiff,
    RenoiseKernel,
    ReSample,
    TMPDGuidance,
)

FRAMES, STD, VALUE, RUNS = 8, 0.1, 0.7, 1024
STEPS = (20, 50, 100, 1000)
Array = NDArray[np.float64]
VP, FLOW = DiscreteSchedule(), FlowSchedule()


@final
@attrs.frozen
class Row:
    name: str
    kernel: Kernel
    guidance: Guidance
    schedule: Schedule = VP
    affine: bool = True
    most: int = STEPS[-1]

    def sampler(self, steps: int) -> Sampler[Any]:
        return Diffusion(self.kernel, self.guidance, steps)


@final
@attrs.frozen
class WholeRow:
    name: str
    whole: Sampler[Any]
    schedule: Schedule = VP
    affine: bool = True
    most: int = STEPS[-1]

    def sampler(self, steps: int) -> Sampler[Any]:
        return attrs.evolve(self.whole, steps=steps)


ROWS: tuple[Row | WholeRow, ...] = (
    Row("none", DDPMKernel(), NoGuidance()),
    Row("exact, exact kernel", ExactKernel(), ExactGuidance()),
    Row("exact, DDPM", DDPMKernel(), ExactGuidance()),
    Row("exact, DDIM", DDIMKernel(), ExactGuidance()),
    Row("exact, Heun", HeunKernel(), ExactGuidance()),
    Row("exact, DPM-Solver++ 2M", DPMSolverKernel(), ExactGuidance()),
    Row("exact, DPM-Solver++ 2M SDE", DPMSolverKernel(stochastic=True), ExactGuidance()),
    Row("TMPD, row sums, DDPM", DDPMKernel(), TMPDGuidance(mode="row_sum")),
    Row("PiGDM, DDPM", DDPMKernel(), PiGDMGuidance(bounded=False)),
    Row("PiGDM, DDIM", DDIMKernel(), PiGDMGuidance(bounded=False)),
    Row("PiGDM, Heun", HeunKernel(), PiGDMGuidance(bounded=False)),
    Row("PiGDM, DPM-Solver++ 2M", DPMSolverKernel(), PiGDMGuidance(bounded=False)),
    Row("PiGDM, bounded, DDPM", DDPMKernel(), PiGDMGuidance(), affine=False, most=100),
    Row("OT-ODE, Euler (flow)", EulerKernel(), OTODEGuidance(), FLOW),
    Row("OT-ODE, Heun (flow)", HeunKernel(), OTODEGuidance(), FLOW),
    Row("LGD-MC, 10 draws, DDPM", DDPMKernel(), LGDMCGuidance(draws=10), affine=False),
    Row("DPS, paper, scale 1", DDPMKernel(), DPSGuidance(1.0), affine=False),
    Row("DPS, paper, scale 0.1", DDPMKernel(), DPSGuidance(0.1), affine=False),
    Row("DPS, Bayes' step", DDPMKernel(), DPSGuidance(1.0, "bayes")),
    Row("FreeDoM, scale 0.2, 3 repeats", DDPMKernel(), FreeDoMGuidance(0.2, repeats=3), affine=False),
    Row("FreeDoM, rms, scale 0.02", DDPMKernel(), FreeDoMGuidance(0.02, "rms"), affine=False, most=100),
    Row("DSG, rate 0.2", DDPMKernel(), DSGGuidance(0.2), affine=False),
    Row("GML-DPS, scale 0.1", DDPMKernel(), GMLDPSGuidance(0.1), affine=False, most=100),
    Row("PSLD, scale 0.1", DDPMKernel(), PSLDGuidance(0.1), affine=False, most=100),
    Row("Gauss-Newton, DDPM", DDPMKernel(), GaussNewtonGuidance()),
    Row("DDS, one iteration, fraction 0.85", RenoiseKernel(0.85), DDSGuidance(iterations=1)),
    Row("DDNM, DDPM", DDPMKernel(), DDNMGuidance(eps="consistent")),
    Row("DDNM, fraction 0.85", RenoiseKernel(0.85), DDNMGuidance()),
    Row("DDNM+, fraction 0.85", DDPMKernel(), DDNMPlusGuidance(0.85)),
    Row("DDRM, eta 0.85", DDPMKernel(), DDRMGuidance()),
    Row("DiffPIR, weight 1, DDPM", DDPMKernel(), DiffPIRGuidance(1.0)),
    Row("DiffPIR, weight 7, zeta 0.3", RenoiseKernel(0.3**0.5), DiffPIRGuidance(7.0)),
    Row("DiffPIR, prior-aware, DDPM", DDPMKernel(), DiffPIRGuidance(prior_variance=1.0)),
    WholeRow("DiffPIR, weight 1, DDPM, start 0.3", Diffusion(DDPMKernel(), DiffPIRGuidance(1.0), start=0.3), most=300),
    Row("MPGD, scale 1, eta 0.5", DDIMKernel(0.5), MPGDGuidance(1.0), affine=False),
    Row("FlowDPS (flow)", EulerKernel(), FlowDPSGuidance(), FLOW),
    Row("FlowChef, scale 0.2 (flow)", EulerKernel(), FlowChefGuidance(0.2), FLOW),
    WholeRow("DAPS", DAPS()),
    WholeRow("DAPS, as published: ODE, r = s / a", DAPS(estimator="ode", prior_variance=None)),
    WholeRow("DAPS, exact", DAPS(estimator="exact")),
    WholeRow("ReSample", ReSample(), affine=False),
    WholeRow("RED-diff", RedDiff(), affine=False),
)

LEFT_OUT = {
    "res_shift": "kernel and sampler: their chain starts at an image that this problem does not have",
    "time_adaptive_res_shift": "as res_shift",
    "direct": "it draws what the exact kernel draws, in one step: tests/samplers/test_direct.py",
    "auto": "it chooses one of the others; docs/auto.md measures its choices",
    "batch_consistent": "its noise is shared by the frames, for priors of single images",
    "bidirectional_warp": "it fills in frames between two that are seen",
    "normalised_bidirectional_warp": "as bidirectional_warp",
    "collapsed": "it samples a residual that this prior does not have, around another sampler",
    "successive_halving": "it chooses among the runs of another sampler",
    "twisted_smc": "its population is judged in tests/samplers/test_twisted_smc.py, at other costs than a run's",
    "dps": "sampler: the guidance `dps` with the kernel `ddpm`",
    "ddim": "sampler: no guidance, with the kernel `ddim`",
}
"""What has no row here, and why."""

PEER = """\
| deepinv 0.5.0, `DPS()` as it comes, 1000 steps | | | | 97.5 % · 13.1 · 0.99 |
| deepinv 0.5.0, `DPS`, weight 100 | | | | 8.2 % · 0.50 · 0.99 |
| deepinv 0.5.0, `DPS`, annealed, weight 1 | | | | 60.2 % · 6.1 · 0.99 |
| deepinv 0.5.0, PiGDM | | | 1.5 % · 0.81 · 0.92 | 1.8 % · 0.98 · 0.99 |
| deepinv 0.5.0, moment matching | | | 1.5 % · 0.81 · 0.92 | 1.8 % · 0.98 · 0.99 |
"""


def problem_of(covariance: Array, schedule: Schedule) -> Problem:
    return Problem(
        operator=TemporalAverage(frames=FRAMES),
        observation=torch.full((1, 1, 1, 1, 1), VALUE, dtype=torch.float64),
        prior=Gaussian(mean=np.zeros((1, FRAMES, 1, 1)), covariance=covariance, schedule=schedule),
        noise=GaussianNoise(std=STD),
        space=VideoSpace(frames=FRAMES, height=1, width=1, channels=1, transfer="linear"),
    )


def law(problem: Problem, row: Row | WholeRow, steps: int) -> tuple[Array, Array]:
    """Mean and covariance of the samples."""
    sampler = row.sampler(steps)
    if row.affine:
        probed = affine_probe(problem, sampler)
        return probed.mean.numpy(), probed.covariance.numpy()
    clips = solve(problem, sampler, seed=0, samples=RUNS).latent.reshape(RUNS, FRAMES).numpy()
    return clips.mean(axis=0), np.cov(clips.T)


def cell(covariance: Array, row: Row | WholeRow, steps: int) -> str:
    if steps > row.most:
        return ""
    problem = problem_of(covariance, row.schedule)
    try:
        mean, spread = law(problem, row, steps)
    except (RunFailed, ComponentError):  # a probe that overflows is no longer affine
        return "diverges"
    weights = np.full(FRAMES, 1 / FRAMES)
    gain = covariance @ weights / (weights @ covariance @ weights + STD**2)
    expected, right = gain * VALUE, covariance - np.outer(gain, weights @ covariance)
    seen = weights / np.linalg.norm(weights)
    bias = np.linalg.norm(mean - expected) / np.linalg.norm(expected)
    observed = seen @ spread @ seen / (seen @ right @ seen)
    hidden = (np.trace(spread) - seen @ spread @ seen) / (np.trace(right) - seen @ right @ seen)
    if not math.isfinite(bias) or max(bias, observed / 100, hidden / 100) > 10:
        return "diverges"
    return f"{'' if row.affine else '≈ '}{100 * bias:.1f} % · {abs(observed):.2f} · {hidden:.2f}"


def table(covariance: Array, peer: str, there: str, wanted: tuple[str, ...]) -> str:
    """The rows whose names begin with one of `wanted` made anew, and the lines of the others as `there` has them."""
    kept = {line.split(" | ")[0].removeprefix("| "): line for line in there.splitlines() if line.startswith("| ")}
    lines = ["| sampler | " + " | ".join(f"{steps} steps" for steps in STEPS) + " |", "|---" * (len(STEPS) + 1) + "|"]
    for row in ROWS:
        if not row.name.startswith(wanted):
            lines += [kept[row.name]] if row.name in kept else []
            continue
        began = time.perf_counter()
        cells = [cell(covariance, row, steps) for steps in STEPS]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
        print(f"{time.perf_counter() - began:6.1f} s  {lines[-1]}", file=sys.stderr)
    return "\n".join(lines) + "\n" + peer


TEXT = """\
# Accuracy

Made by `python tests/benchmarks/accuracy.py`; do not edit.

Eight frames under a Gaussian prior, observed through their mean, `y = mean(x) + 0.1 n`, `y = 0.7`: the posterior is
known. Each cell holds three numbers:

1. the distance of the mean from the posterior mean, relative to how far the posterior mean is from the prior mean;
2. the variance of the observed direction (the frames' mean) over the right one;
3. the variance of all unobserved directions (the motion) over the right one.

A perfect sampler has 0 % · 1.00 · 1.00; the prior itself has 100 % and, in the observed direction, far too much
variance. Numbers are exact to the digits shown, by probing the code with injected noise; `≈` marks rules that are not
affine, where they come from 1024 runs (about 5 % of Monte Carlo error). Schedule: DDPM's linear one, trailing steps;
`(flow)`: the rectified flow. Step sizes are the defaults or as written, not tuned for this problem.

## Independent frames, covariance I

This is the law that `pigdm` presumes, so that it equals `exact` here. The rows of deepinv were measured on the same
problem with its own variance-preserving schedule and 256 samples.

{independent}
## Correlated frames, covariance 0.9^|i - j|

{correlated}"""


def main() -> None:
    torch.set_num_threads(1)
    target = Path(__file__).parents[2] / "docs" / "accuracy.md"
    there = target.read_text(encoding="utf-8") if target.exists() else ""
    first, _, second = there.partition("## Correlated")
    wanted = tuple(sys.argv[1:]) or ("",)
    distance = np.abs(np.subtract.outer(np.arange(FRAMES), np.arange(FRAMES)))
    independent = table(np.eye(FRAMES), PEER, first, wanted)
    text = TEXT.format(independent=independent, correlated=table(0.9**distance, "", second, wanted))
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
