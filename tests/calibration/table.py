"""The table of docs/calibration.md: `python -m tests.calibration.table [WORD [DRAWS]]`; five minutes of one core.

500 draws, 15 samples each, on the two problems of `problems`; rows appear as they are ready. With a WORD, only rows
whose title holds it. The rank histograms of DPS on the mixture go to docs/calibration_dps.png.
"""

import sys
import time
from pathlib import Path

import invsolve as iv
from invsolve.calibration.calibrate import calibrate
from invsolve.calibration.calibration import SIGNIFICANCE
from invsolve.calibration.figure import write_figure
from invsolve_samplers import (
    DPS,
    DDIMKernel,
    DDPMKernel,
    Diffusion,
    DPMSolverKernel,
    ExactGuidance,
    ExactKernel,
    HeunKernel,
    PiGDMGuidance,
)
from tests.calibration.problems import averaged, gaussian_prior, mixture_prior

EXACT = ExactGuidance()
SAMPLERS: dict[str, iv.Sampler] = {
    "exact, Heun, 100 steps": Diffusion(HeunKernel(), EXACT, 100),
    "exact, DPM-Solver++ 2M, 100 steps": Diffusion(DPMSolverKernel(), EXACT, 100),
    "exact, DDIM, 100 steps": Diffusion(DDIMKernel(eta=0.0), EXACT, 100),
    "exact, DDPM, 100 steps": Diffusion(DDPMKernel(), EXACT, 100),
    "PiGDM, DDPM, 100 steps": Diffusion(DDPMKernel(), PiGDMGuidance(), 100),
    "exact, exact kernel, 100 steps": Diffusion(ExactKernel(), EXACT, 100),
    "DPS as it comes, 1000 steps": DPS(),
}


def main(word: str = "", draws: str = "500") -> None:
    """Print the table."""
    print("| problem | sampler | smallest p | uneven | most uneven |\n|---|---|---|---|---|", flush=True)
    for title, prior in (("gaussian", gaussian_prior()), ("mixture", mixture_prior())):
        for name, sampler in SAMPLERS.items():
            if word in f"{title} {name}":
                begun = time.monotonic()
                found = calibrate(averaged(prior), sampler, seed=0, draws=int(draws), samples=15)
                uneven = sum(p <= SIGNIFICANCE for p in found.p)
                worst = min(range(len(found.p)), key=found.p.__getitem__)
                shape = f"{found.names[worst]}: {found.shapes[worst].value}" if uneven else "none"
                print(f"| {title} | {name} | {min(found.p):.2g} | {uneven} of {len(found.p)} | {shape} |", flush=True)
                print(
                    f"{time.monotonic() - begun:.0f} s",
                    [(n, f"{p:.3g}") for n, p in zip(found.names, found.p, strict=True)],
                    file=sys.stderr,
                    flush=True,
                )
                if (title, name) == ("mixture", "DPS as it comes, 1000 steps"):
                    write_figure(Path("docs/calibration_dps.png"), found, f"{title}: {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
