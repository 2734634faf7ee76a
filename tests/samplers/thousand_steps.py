"""Probe 1000-step runs and print one JSON line each: `python -m tests.samplers.thousand_steps`.

It runs in a process of its own, without the run-time type checks of the test session: they would take most of the time.
"""

import json

from invsolve_priors import Gaussian
from invsolve_samplers import (
    DDIMKernel,
    DDPMKernel,
    Diffusion,
    DPSGuidance,
    ExactGuidance,
    NoGuidance,
    PiGDMGuidance,
)

from invsolve.testing.probing import affine_probe
from tests.samplers.analytic import average_problem
from tests.samplers.gaussian_oracle import G1, G2, ISOTROPIC, bayes_gain, exact_gain, no_gain, pigdm_gain

ORACLES = {"G1": G1, "G2": G2, "isotropic": ISOTROPIC}
KERNELS = {"ddpm": (DDPMKernel(), 1.0), "ddim": (DDIMKernel(), 0.0)}
RULES = {
    "none": (NoGuidance(), no_gain),
    "exact": (ExactGuidance(), exact_gain),
    "pigdm": (PiGDMGuidance(), pigdm_gain),
    "bayes": (DPSGuidance(convention="bayes"), bayes_gain),
}

# (oracle, kernel, rule): mean and trace of the covariance, the linear schedule's 1000 levels from N(0, I).
EXPECTED: dict[tuple[str, str, str], tuple[tuple[float, ...], float]] = {
    ("G1", "ddpm", "none"): ((0.499975, -0.200024, 0.099976, 0.299976), 3.9687),
    ("G1", "ddpm", "exact"): ((1.006513, 0.331701, 0.631701, 0.806514), 0.50295),
    ("G1", "ddpm", "pigdm"): ((1.011342, 0.337415, 0.637414, 0.811343), 0.50001),
    ("G1", "ddpm", "bayes"): ((1.011893, 0.338107, 0.638106, 0.811894), 0.48347),
    ("G1", "ddim", "exact"): ((1.005011, 0.331465, 0.631046, 0.805441), 0.50905),
    ("G1", "ddim", "pigdm"): ((1.049719, 0.380891, 0.680472, 0.85015), 0.47416),
    ("G2", "ddpm", "exact"): ((2.041214, -0.184584, 0.485366, 0.396342), 2.13812),
    ("G2", "ddpm", "pigdm"): ((2.021205, -0.180599, 0.468738, 0.401065), 2.21208),
    ("G2", "ddpm", "bayes"): ((2.461473, -0.199787, 0.230057, 0.308257), 1.83200),
    ("G2", "ddim", "exact"): ((2.03117, -0.183714, 0.48887, 0.397649), 2.15009),
    ("G2", "ddim", "pigdm"): ((2.080575, -0.185822, 0.455019, 0.382786), 2.19450),
    ("isotropic", "ddpm", "exact"): ((1.004794, 0.304822, 0.60481, 0.804802), 3.01023),
    ("isotropic", "ddpm", "pigdm"): ((1.004794, 0.304822, 0.60481, 0.804802), 3.01023),
    ("isotropic", "ddpm", "bayes"): ((1.024987, 0.325015, 0.625003, 0.824995), 2.99186),
}


def main() -> None:
    for oracle, kernel, rule in EXPECTED:
        prior = Gaussian(mean=ORACLES[oracle].mu.reshape(1, 4, 1, 1), covariance=ORACLES[oracle].C)
        sampler = Diffusion(kernel=KERNELS[kernel][0], guidance=RULES[rule][0], steps=1000)
        found = affine_probe(average_problem(prior, ORACLES[oracle]), sampler)
        print(json.dumps([oracle, kernel, rule, found.mean.tolist(), found.covariance.tolist()]))


if __name__ == "__main__":
    main()
