"""The table of `auto`: the first case that holds is chosen."""

from collections.abc import Callable
from typing import Any, Final, final

import attrs

from invsolve.problem import Problem
from invsolve.sampler import Sampler
from invsolve_samplers.auto.facts import Facts
from invsolve_samplers.auto.linearised_tmpd import LinearisedTMPD
from invsolve_samplers.daps import DAPS
from invsolve_samplers.diffusion import Diffusion
from invsolve_samplers.direct import Direct
from invsolve_samplers.guidance.gauss_newton import GaussNewtonGuidance
from invsolve_samplers.kernels.dpm_solver import DPMSolverKernel

TMPD_ITERATIONS: Final = 20  # conjugate gradients stop by themselves where fewer are enough
LANGEVIN_STEPS: Final = 50
FITTING_ITERATIONS: Final = 10


@final
@attrs.frozen
class Case:
    """One row of the table.

    Attributes:
        name: the choice in a word or two.
        holds: of which problems.
        sampler: what is chosen, given the number of steps.
        reason: why, to follow "because".
        rough: whether its fit to the observation is only approximate, so that it is calibrated unless told not to.
    """

    name: str
    holds: Callable[[Facts], bool]
    sampler: Callable[[int], Sampler[Any]]
    reason: str
    rough: bool = False


CASES: Final = (
    Case(
        "exact draws",
        lambda facts: facts.closed,
        Direct,
        "the prior knows its law given this observation in closed form: the steps have nothing left to do",
    ),
    Case(
        "daps, closed form",
        lambda facts: facts.simple and facts.scales and not facts.recurs,
        lambda steps: DAPS(steps, inner="closed_form"),
        "the operator is linear, the noise Gaussian and the decoder scales and shifts: every clean draw is exact, "
        "without a gradient through the network",
    ),
    Case(
        "linearised tmpd, stochastic DPM-Solver++",
        lambda facts: facts.through_network,
        lambda steps: Diffusion(DPMSolverKernel(stochastic=True), LinearisedTMPD(TMPD_ITERATIONS), steps),
        "clean draws have no closed form (the operator is not linear, the noise not Gaussian, the decoder does more "
        "than scale and shift, or the prior recurs): second moments come from the network's own Jacobian, the noise's "
        "from its std at the mean",
    ),
    Case(
        "daps, Langevin dynamics",
        lambda facts: facts.scales and not facts.recurs,
        lambda steps: DAPS(steps, inner="langevin", langevin_steps=LANGEVIN_STEPS),
        "the network is not to be differentiated: clean draws follow the gradient of the noise's own likelihood, which "
        "is cheap because the decoder scales and shifts",
    ),
    Case(
        "gauss_newton with DPM-Solver++",
        lambda facts: True,
        lambda steps: Diffusion(DPMSolverKernel(), GaussNewtonGuidance(iterations=FITTING_ITERATIONS), steps),
        "the network is not to be differentiated and the decoder is one itself (or the prior recurs): the clean latent "
        "is fitted through the decoder's Jacobian, weighted by the noise's std at the mean",
        rough=True,
    ),
)


def choose(problem: Problem, through_network: bool = True) -> Case:
    """The first case that holds; `through_network` permits gradients through the network."""
    facts = Facts(problem, through_network)
    return next(case for case in CASES if case.holds(facts))


def named(name: str) -> Case:
    """The case of that name."""
    return next(case for case in CASES if case.name == name)
