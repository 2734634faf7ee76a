"""The law of 1000 CFG steps, one JSON line for each scale: `python -m tests.samplers.guided_thousand_steps`.

It runs in a process of its own, without the run-time type checks of the test session: they would take most of the time.
"""

import json
from itertools import pairwise

import numpy as np
import torch

from invsolve import Prior
from invsolve.testing.probing import InjectedRandomness
from invsolve_priors import CFG
from invsolve_samplers import DDPMKernel
from tests.priors.guided_parts import KNOWN, NULL, two_laws
from tests.samplers.gaussian_oracle import Array

SCALES = (0.0, 1.0, 2.0, 4.0)


def law_of_the_code(prior: Prior, steps: int) -> tuple[Array, Array]:
    """Mean and covariance after `steps` ancestral steps from N(0, I), each step read off the code by probing it."""
    probes = torch.cat([torch.zeros(1, 2), torch.eye(2), torch.zeros(2, 2)]).double().reshape(5, 1, 2, 1, 1)
    noise = torch.cat([torch.zeros(3, 2), torch.eye(2)]).double()
    mean, covariance = np.zeros(2), np.eye(2)
    for level, target in pairwise(prior.schedule.levels(steps)):
        rng = InjectedRandomness({(0, 0): noise})
        moved = DDPMKernel().step(probes, prior.predict(probes, level), level, target, rng).flatten(1).numpy()
        forward, spread = (moved[1:3] - moved[0]).T, (moved[3:] - moved[0]).T
        mean, covariance = forward @ mean + moved[0], forward @ covariance @ forward.T + spread @ spread.T
    return mean, covariance


def main() -> None:
    for scale in SCALES:
        prior = CFG(two_laws(), scale, condition=KNOWN, unconditional=NULL)
        mean, covariance = law_of_the_code(prior, 1000)
        print(json.dumps([scale, mean.tolist(), covariance.tolist()]))


if __name__ == "__main__":
    main()
