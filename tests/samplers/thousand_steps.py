"""Probe 1000-step runs and print one JSON line each: `python -m tests.samplers.thousand_steps [--all]`.

It runs in a process of its own, without the run-time type checks of the test session: they would take most of the time.
"""

import json
import sys

from invsolve import Guidance
from invsolve.testing.probing import affine_probe
from invsolve_priors import Gaussian
from invsolve_samplers import (
    DDIMKernel,
    DDNMGuidance,
    DDPMKernel,
    DDRMGuidance,
    DiffPIRGuidance,
    Diffusion,
    DPSGuidance,
    ExactGuidance,
    NoGuidance,
    PiGDMGuidance,
    RenoiseKernel,
)
from tests.samplers.analytic import average_problem
from tests.samplers.gaussian_oracle import (
    G1,
    G2,
    ISOTROPIC,
    Gain,
    Level,
    Oracle,
    bayes_gain,
    ddim_step,
    ddnm_gain,
    ddrm_step,
    diffpir_gain,
    exact_gain,
    fraction_step,
    no_gain,
    pigdm_gain,
)

ORACLES = {"G1": G1, "G2": G2, "isotropic": ISOTROPIC}
KERNELS = {
    "ddpm": DDPMKernel(),
    "ddim": DDIMKernel(),
    "zeta .3": RenoiseKernel(fraction=0.3**0.5),
    "eta .85": RenoiseKernel(fraction=0.85),
}
RULES: dict[str, tuple[Guidance, Gain]] = {
    "none": (NoGuidance(), no_gain),
    "exact": (ExactGuidance(), exact_gain),
    "pigdm": (PiGDMGuidance(bounded=False), pigdm_gain),
    "bayes": (DPSGuidance(convention="bayes"), bayes_gain),
    "diffpir": (DiffPIRGuidance(weight=1.0), diffpir_gain),
    "ddnm": (DDNMGuidance(eps="consistent"), ddnm_gain),
    "ddnm original": (DDNMGuidance(), ddnm_gain),
    "ddrm": (DDRMGuidance(eta=0.85, eta_b=1.0), no_gain),
}


def recursion_step(oracle: Oracle, kernel: str, rule: str, level: Level, target: Level):
    """One step of the independent recursion."""
    if rule == "ddrm":
        return ddrm_step(oracle, level, target, 0.85, 1.0)
    gain, original = RULES[rule][1], rule == "ddnm original"
    if kernel in ("ddpm", "ddim"):
        return ddim_step(oracle, gain, level, target, 1.0 if kernel == "ddpm" else 0.0, original)
    return fraction_step(oracle, gain, level, target, 0.3**0.5 if kernel == "zeta .3" else 0.85, original)


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
    ("G1", "ddpm", "diffpir"): ((1.00772, 0.330946, 0.630946, 0.807721), 0.50265),
    ("G1", "ddpm", "ddnm"): ((1.013276, 0.336723, 0.636723, 0.813277), 0.46493),
    ("G1", "ddim", "diffpir"): ((1.008593, 0.329566, 0.629147, 0.809024), 0.50784),
    ("G1", "ddim", "ddnm"): ((1.014437, 0.335557, 0.635138, 0.814868), 0.47037),
    ("G1", "zeta .3", "diffpir"): ((1.006655, 0.331618, 0.631618, 0.806655), 0.46415),
    ("G1", "eta .85", "ddnm original"): ((1.01229, 0.33771, 0.63771, 0.81229), 0.35483),
    ("G1", "eta .85", "ddrm"): ((1.00986, 0.335007, 0.635007, 0.80986), 0.35973),
    ("G2", "ddpm", "diffpir"): ((1.522182, -0.110819, 0.677359, 0.583052), 2.80259),
    ("G2", "ddpm", "ddnm"): ((1.568952, -0.096663, 0.716349, 0.611362), 2.71799),
    ("G2", "ddim", "diffpir"): ((1.345968, -0.024918, 0.678352, 0.662292), 3.15892),
    ("G2", "ddim", "ddnm"): ((1.388402, -0.001696, 0.717487, 0.695808), 3.08276),
    ("isotropic", "ddpm", "diffpir"): ((1.006634, 0.306662, 0.60665, 0.806642), 3.00905),
    ("isotropic", "ddpm", "exact"): ((1.004794, 0.304822, 0.60481, 0.804802), 3.01023),
    ("isotropic", "ddpm", "pigdm"): ((1.004794, 0.304822, 0.60481, 0.804802), 3.01023),
    ("isotropic", "ddpm", "bayes"): ((1.024987, 0.325015, 0.625003, 0.824995), 2.99186),
}


QUICK = (
    *(("G1", "ddpm", rule) for rule in ("none", "exact", "pigdm", "bayes", "ddnm")),
    ("G1", "zeta .3", "diffpir"),
    ("G1", "eta .85", "ddrm"),
    ("G2", "ddim", "pigdm"),
)
"""Of each rule and kernel one; the rest takes a minute."""


def main() -> None:
    for oracle, kernel, rule in EXPECTED if "--all" in sys.argv else QUICK:
        prior = Gaussian(mean=ORACLES[oracle].mu.reshape(1, 4, 1, 1), covariance=ORACLES[oracle].C)
        sampler = Diffusion(kernel=KERNELS[kernel], guidance=RULES[rule][0], steps=1000)
        found = affine_probe(average_problem(prior, ORACLES[oracle]), sampler)
        print(json.dumps([oracle, kernel, rule, found.mean.tolist(), found.covariance.tolist()]))


if __name__ == "__main__":
    main()
