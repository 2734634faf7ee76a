"""How `auto` fares: `python -m tests.benchmarks.auto` writes docs/auto.md.

First the residuals of problems of many kinds; then, on problems whose posterior is known, `auto` beside single rules.
References that have no closed form are importance samples of the prior: one measurement, hence most draws count.
"""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from invsolve import GaussianNoise, Operator, PoissonNoise, Prior, Problem, Sampler, VideoSpace, pipeline, solve
from invsolve.errors import CapabilityError, RunFailed
from invsolve.noise import Noise
from invsolve_operators import CameraResponse, TemporalAverage
from invsolve_priors import Gaussian, GaussianMixture
from invsolve_samplers import (
    DAPS,
    Auto,
    DDPMKernel,
    DiffPIRGuidance,
    Diffusion,
    DPMSolverKernel,
    DPSGuidance,
    ExactGuidance,
    ExactKernel,
    GaussNewtonGuidance,
    PiGDMGuidance,
    TMPDGuidance,
    TwistedSMC,
)
from tests.samplers.analytic import AnalyticPrior
from tests.samplers.auto_problems import Hidden, problems

Array = NDArray[np.float64]
FRAMES, STEPS, RUNS, DRAWS, SIZE, SAMPLES = 8, 100, 1024, 400_000, 32, 2

RULES: dict[str, Sampler[Any]] = {
    "auto": Auto(STEPS),
    "exact, exact kernel": Diffusion(ExactKernel(), ExactGuidance(), STEPS),
    "TMPD, DPM-Solver++": Diffusion(DPMSolverKernel(), TMPDGuidance(20), STEPS),
    "TMPD, DDPM": Diffusion(DDPMKernel(), TMPDGuidance(20), STEPS),
    "PiGDM, DDPM": Diffusion(DDPMKernel(), PiGDMGuidance(), STEPS),
    "PiGDM, DPM-Solver++": Diffusion(DPMSolverKernel(), PiGDMGuidance(), STEPS),
    "DiffPIR, weight 1, DDPM": Diffusion(DDPMKernel(), DiffPIRGuidance(1.0), STEPS),
    "Gauss-Newton, DDPM": Diffusion(DDPMKernel(), GaussNewtonGuidance(10), STEPS),
    "Gauss-Newton, DPM-Solver++": Diffusion(DPMSolverKernel(), GaussNewtonGuidance(10), STEPS),
    "DAPS": DAPS(STEPS, langevin_steps=40),
    "DPS, Bayes' step": Diffusion(DDPMKernel(), DPSGuidance(1.0, "bayes"), STEPS),
    "DPS, paper, scale 1": Diffusion(DDPMKernel(), DPSGuidance(1.0), STEPS),
    "twisted SMC, 4 particles": TwistedSMC(4, STEPS),
    "twisted SMC, plain twist": TwistedSMC(4, STEPS, prior_variance=None),
}


@final
@attrs.frozen(eq=False)
class Oracle:
    """A problem of eight frames of one pixel and one measurement, and draws of its prior."""

    problem: Problem
    draw: Callable[[np.random.Generator, int], Array]

    def posterior(self) -> tuple[Array, Array]:
        """Mean and covariance, by weighing draws of the prior."""
        clips = self.draw(np.random.default_rng(0), DRAWS)
        video = torch.as_tensor(clips).reshape(-1, 1, FRAMES, 1, 1)
        observation = self.problem.observation.expand(len(clips), -1, -1, -1, -1)
        energy = self.problem.noise.negative_log_likelihood(observation, self.problem.operator.forward(video)).numpy()
        weights = np.exp(energy.min() - energy)
        weights /= weights.sum()
        mean = weights @ clips
        return mean, (clips - mean).T @ ((clips - mean) * weights[:, None])

    def cell(self, sampler: Sampler[Any], reference: tuple[Array, Array]) -> tuple[float, float, float] | str:
        """Distance of the mean and the two ratios of variances."""
        try:
            videos = solve(self.problem, sampler, seed=0, samples=RUNS).video
        except CapabilityError:
            return ""
        except RunFailed:
            return "diverges"
        clips = videos.reshape(RUNS, FRAMES).double().numpy()
        mean, right = reference
        start = self.draw(np.random.default_rng(1), DRAWS).mean(axis=0)
        spread, seen = np.cov(clips.T), np.full(FRAMES, 1 / math.sqrt(FRAMES))
        bias = float(np.linalg.norm(clips.mean(axis=0) - mean) / np.linalg.norm(mean - start))
        observed = float(seen @ spread @ seen / (seen @ right @ seen))
        hidden = float((np.trace(spread) - seen @ spread @ seen) / (np.trace(right) - seen @ right @ seen))
        return bias, observed, hidden


def normal(covariance: Array, decode: Array, shift: float) -> Callable[..., Array]:
    root = decode @ np.linalg.cholesky(covariance)
    return lambda rng, count: shift + rng.standard_normal((count, FRAMES)) @ root.T


def oracle(
    prior: Prior, draw: Callable[..., Array], value: float, operator: Operator | None = None, noise: Noise | None = None
) -> Oracle:
    problem = Problem(
        operator=operator or TemporalAverage(frames=FRAMES),
        observation=torch.full((1, 1, 1, 1, 1), value, dtype=torch.float64),
        prior=prior,
        noise=noise or GaussianNoise(std=0.1),
        space=VideoSpace(frames=FRAMES, height=1, width=1, channels=1, transfer="linear"),
    )
    return Oracle(problem, draw)


def oracles() -> dict[str, Oracle]:
    distance = np.abs(np.subtract.outer(np.arange(FRAMES), np.arange(FRAMES)))
    eye, correlated, zero = np.eye(FRAMES), 0.9**distance, np.zeros(FRAMES)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((FRAMES, FRAMES)))[0] * np.linspace(0.5, 1.5, FRAMES)
    ramp = np.linspace(-1.0, 1.0, FRAMES)
    means, narrow = np.stack([ramp, -ramp]), 0.3 * 0.7**distance
    mixture = GaussianMixture(
        weights=[0.6, 0.4], means=means.reshape(2, 1, FRAMES, 1, 1), covariances=np.stack([narrow, narrow])
    )

    def mixed(rng: np.random.Generator, count: int) -> Array:
        chosen = means[(rng.uniform(size=count) > 0.6).astype(int)]
        return chosen + rng.standard_normal((count, FRAMES)) @ np.linalg.cholesky(narrow).T

    def gaussian(covariance: Array) -> Gaussian:
        return Gaussian(mean=np.zeros((1, FRAMES, 1, 1)), covariance=covariance)

    small = AnalyticPrior(zero, correlated, 0.15 * eye, np.full(FRAMES, 0.5))
    small_draw = normal(correlated, 0.15 * eye, 0.5)
    gamma = pipeline(TemporalAverage(frames=FRAMES), CameraResponse(curve="gamma:2.2"))
    return {
        "independent frames": oracle(gaussian(eye), normal(eye, eye, 0.0), 0.7),
        "correlated frames": oracle(gaussian(correlated), normal(correlated, eye, 0.0), 0.7),
        "independent, hidden": oracle(Hidden(gaussian(eye)), normal(eye, eye, 0.0), 0.7),
        "correlated, hidden": oracle(Hidden(gaussian(correlated)), normal(correlated, eye, 0.0), 0.7),
        "latent linear decoder": oracle(
            AnalyticPrior(zero, correlated, turn, np.zeros(FRAMES)), normal(correlated, turn, 0.0), 0.7
        ),
        "mixture": oracle(mixture, mixed, 0.3),
        "mixture, hidden": oracle(Hidden(mixture), mixed, 0.3),
        "camera response": oracle(small, small_draw, 0.55, gamma, GaussianNoise(std=0.03)),
        "Poisson noise": oracle(small, small_draw, 0.35, noise=PoissonNoise(gain=0.01)),
        "latent decoder, camera response": oracle(
            AnalyticPrior(zero, correlated, 0.12 * turn, np.full(FRAMES, 0.5)),
            normal(correlated, 0.12 * turn, 0.5),
            0.55,
            gamma,
            GaussianNoise(std=0.03),
        ),
    }


def distance_of(cell: tuple[float, float, float]) -> float:
    """How far from perfect: the largest of the three errors."""
    return max(cell[0], abs(cell[1] - 1), abs(cell[2] - 1))


def chosen(sampler: Auto, problem: Problem) -> str:
    """The name of the choice."""
    (remark,) = sampler.remark(problem, problem.observation)
    return remark.removeprefix("Auto chose ").split(", because")[0].split(", calibrated")[0]


def residuals() -> str:
    lines = ["| problem | measurements | auto chose | noise factor | chi-square |", "|---|---|---|---|---|"]
    for name, problem in problems(SIZE).items():
        began = time.perf_counter()
        sampler = Auto(STEPS)
        solution = solve(problem, sampler, seed=1, samples=SAMPLES)
        word = chosen(sampler, problem)
        factor = solution.trace.get("noise_factor")
        said = "" if factor is None else f"{float(factor.mean()):.2f}"
        count = problem.observation.numel()
        lines.append(f"| {name} | {count:,} | {word} | {said} | {float(solution.chi_square.mean()):.3f} |")
        print(f"{time.perf_counter() - began:6.1f} s  {lines[-1]}", file=sys.stderr, flush=True)
    return "\n".join(lines)


def comparison() -> str:
    lines = ["| problem | auto chose | auto | distance | best single rule | | distance |", "|---" * 7 + "|"]
    for name, each in oracles().items():
        began = time.perf_counter()
        reference = each.posterior()
        found = {rule: each.cell(sampler, reference) for rule, sampler in RULES.items()}
        good = {rule: cell for rule, cell in found.items() if not isinstance(cell, str)}
        best = min((rule for rule in good if rule != "auto"), key=lambda rule: distance_of(good[rule]))
        word = chosen(Auto(STEPS), each.problem)
        auto, other = good["auto"], good[best]
        lines.append(
            f"| {name} | {word} | {shown(auto)} | {distance_of(auto):.2f} | {best} | {shown(other)} | "
            f"{distance_of(other):.2f} |"
        )
        for rule, cell in sorted(good.items(), key=lambda pair: distance_of(pair[1])):
            print(f"    {rule:32s} {shown(cell)}", file=sys.stderr)
        print(f"{time.perf_counter() - began:6.1f} s  {lines[-1]}", file=sys.stderr, flush=True)
    return "\n".join(lines)


def shown(cell: tuple[float, float, float]) -> str:
    return f"{100 * cell[0]:.1f} % · {cell[1]:.2f} · {cell[2]:.2f}"


TEXT = """\
# A sampler that chooses for itself

Made by `python -m tests.benchmarks.auto`; do not edit.

`sampler: {{use: auto}}` takes the first row that applies, and names it in the run's message:

| | the problem | auto chooses |
|---|---|---|
| 1 | linear operator, Gaussian noise, a prior with closed forms | draws of the posterior itself |
| 2 | linear operator, Gaussian noise, a decoder that scales and shifts | `daps` with draws in closed form |
| 3 | all others | `tmpd`, operator and decoder linearised at the estimate, noise's variance there; SDE DPM-Solver++ |
| 4 | `through_network: false`, a decoder that scales and shifts | `daps` with Langevin dynamics |
| 5 | `through_network: false`, all others | `gauss_newton` with DPM-Solver++, calibrated |

It costs nothing (1), one network call a step (2, 4, 5), or a network call and up to 21 gradients through it (3).
`calibrate: true` sets the noise's std, as the rule is told it, by a pilot run, so that the chi-square of the residual
is 1; for 5 that is the default.

## Residuals

Chi-square of the residuals per measurement, mean of {samples} samples in {steps} steps; nothing was set by hand. The
truths are draws of the prior; "hidden" priors offer their denoiser alone, as a network does, and so do all priors but
those of "closed form" and "mixture". The noise of 1,024 measurements has a chi-square of 1 ± 0.04 itself.

{residuals}

The one that fails, "latent, camera response": in one sample of it 2.5 % of the pixels, stuck below black, hold
72 % of the residual; pixels inside [0, 1] have a chi-square of 0.90. Below black the curve is flat, and a straight line
in its place tells nothing. The run's message says that the residual is too large.

## Posteriors that are known

Eight frames of one pixel and one measurement. Three numbers as in `accuracy.md`: error of the mean, variance of the
observed direction and of all others over the right ones; and their distance from 0 % · 1 · 1, the largest of the three.
{runs} samples: each number is uncertain by about 4 %, and noise is shared by the rules of a row. The best of
{rules} rules, each in {steps} steps: {names}.

`auto` is within 10 % of the best where its distance is at most 0.10 more.

{comparison}
"""


def main() -> None:
    torch.set_num_threads(1)
    names = "; ".join(rule for rule in RULES if rule != "auto")
    text = TEXT.format(
        samples=SAMPLES,
        steps=STEPS,
        residuals=residuals(),
        runs=RUNS,
        rules=len(RULES) - 1,
        names=names,
        comparison=comparison(),
    )
    target = Path(__file__).parents[2] / "docs" / "auto.md"
    target.write_text(text, encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
