"""The conformance kit over every sampler, every kernel and every guidance rule."""

from typing import Any

import pytest

from invsolve.plugin import Catalog
from invsolve.sampler import Sampler
from invsolve.schedule import FlowSchedule
from invsolve.testing import SamplerChecks
from invsolve_samplers import (
    DAPS,
    DDIM,
    DPS,
    BatchConsistent,
    Collapsed,
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
    SuccessiveHalving,
    TMPDGuidance,
)

STEPS = 3

SAMPLERS: dict[str, Sampler[Any]] = {
    "dps": DPS(steps=STEPS),
    "ddim": DDIM(steps=STEPS),
    "daps": DAPS(steps=STEPS),
    "daps, ode": DAPS(steps=STEPS, estimator="ode", inner="closed_form", prior_variance=None, start=0.5),
    "daps, exact": DAPS(steps=STEPS, estimator="exact"),
    "daps, langevin": DAPS(steps=STEPS, inner="langevin", langevin_steps=3),
    "red_diff": RedDiff(steps=STEPS),
    "re_sample": ReSample(steps=4, every=1, video_iterations=3, latent_iterations=3),
    "batch_consistent": BatchConsistent(steps=STEPS, correlation=0.5, start=0.5),
    "successive_halving": SuccessiveHalving(DPS(steps=STEPS), candidates=3, rounds=(1,)),
    "collapsed": Collapsed(Diffusion(DDIMKernel(1.0), DPSGuidance(), STEPS)),
    **{
        f"kernel {type(kernel).__name__}": Diffusion(kernel, PiGDMGuidance(), STEPS)
        for kernel in (
            DDPMKernel("large"),
            DDIMKernel(0.5),
            RenoiseKernel(),
            EulerKernel(),
            HeunKernel(),
            DPMSolverKernel(),
            DPMSolverKernel(stochastic=True),
        )
    },
    "kernel ExactKernel": Diffusion(ExactKernel(), ExactGuidance(), STEPS),
    **{
        f"guidance {rule!r}": Diffusion(DDPMKernel(), rule, STEPS)
        for rule in (
            NoGuidance(),
            DPSGuidance(),
            DPSGuidance(scale=0.01, convention="bayes"),
            PiGDMGuidance(),
            ExactGuidance(),
            TMPDGuidance(),
            TMPDGuidance(mode="row_sum"),
            DDNMGuidance(),
            DDNMPlusGuidance(),
            DDSGuidance(),
            DDRMGuidance(),
            DiffPIRGuidance(),
            MPGDGuidance(),
            LGDMCGuidance(draws=2),
            FreeDoMGuidance(repeats=2, window=(0.0, 1.0)),
            DSGGuidance(),
            GaussNewtonGuidance(),
            PSLDGuidance(),
            GMLDPSGuidance(),
            FlowDPSGuidance(iterations=1),
            FlowChefGuidance(scale=0.1),
        )
    },
}
FLOW = Diffusion(EulerKernel(), OTODEGuidance(), STEPS)

APART = {"res_shift": "it walks its own chain, on a prior made for it: tests/samplers/test_res_shift.py"}


@pytest.mark.parametrize("name", SAMPLERS)
class TestSamplers(SamplerChecks):
    @pytest.fixture(autouse=True)
    def _sampler(self, name: str) -> None:
        self.sampler = SAMPLERS[name]

    def make(self) -> Sampler[Any]:
        return self.sampler


class TestFlow(SamplerChecks):
    schedule = FlowSchedule()

    def make(self) -> Sampler[Any]:
        return FLOW


def test_every_kernel_and_rule_is_under_the_laws():
    parts = [
        (type(s.kernel).__name__, type(s.guidance).__name__)
        for s in (*SAMPLERS.values(), FLOW)
        if isinstance(s, Diffusion)
    ]
    tested = {name for pair in parts for name in pair}
    catalog = Catalog.discover({"INVSOLVE_PLUGINS": "samplers"})
    known = {
        entry.component.name: entry.component.target.partition(":")[2]
        for kind in ("kernel", "guidance")
        for entry in catalog.of_kind(kind)
    }
    assert {name for name, target in known.items() if target not in tested} == set(APART)
