"""The laws of guidance rules and kernels: sound ones pass, and each flaw is caught, in the report too."""

from typing import ClassVar, final

import attrs
import pytest
import torch
from torch import Tensor

from invsolve.plugin import Catalog
from invsolve.prior.prediction import Prediction
from invsolve.problem import Problem, Requirement
from invsolve.randomness import Randomness
from invsolve.sampler import Guidance, Guided, Kernel
from invsolve.sampler.guidance import misfit
from invsolve.schedule import NoiseLevel
from invsolve.testing import GuidanceChecks, KernelChecks
from invsolve.testing.law import ANY_CASE, LawBroken
from invsolve.testing.laws import SAMPLER_LAWS
from invsolve.testing.pretend import manifest_of, pretend
from invsolve.testing.report import check_distribution
from invsolve.testing.stepping import NoiseKept, Stepping, Unguided
from invsolve.testing.trial import Trial

LAWS = {law.name: law for law in SAMPLER_LAWS}


class TestUnguided(GuidanceChecks):
    def make(self) -> Guidance:
        return Unguided()


class TestNoiseKept(KernelChecks):
    def make(self) -> Kernel:
        return NoiseKept()


@final
@attrs.frozen
class Averaging(Guidance):
    """A flaw: the misfit is averaged over the batch, and the prediction moved by it."""

    requires: ClassVar[frozenset[Requirement]] = frozenset()

    def step(
        self, problem: Problem, kernel: Kernel, z: Tensor, level: NoiseLevel, target: NoiseLevel, rng: Randomness
    ) -> Guided:
        prediction = problem.predict(z, level)
        info = misfit(problem.residual(prediction.z0))
        moved = prediction.with_clean(prediction.z0 + info.mean(), level)
        return Guided(kernel.step(z, moved, level, target, rng), moved, {"misfit": info})


@final
@attrs.frozen
class Unseeded(Kernel):
    """A flaw: noise from the global generator."""

    def step(self, z: Tensor, prediction: Prediction, level: NoiseLevel, target: NoiseLevel, rng: Randomness) -> Tensor:
        return target.a * prediction.z0 + target.s * torch.randn_like(z)


@pytest.mark.parametrize(
    ("sampler", "law"),
    [
        (Stepping(guidance=Averaging()), "alone_as_in_a_batch"),
        (Stepping(kernel=Unseeded()), "same_seed_same_result"),
        (Stepping(kernel=Unseeded()), "global_randomness_untouched"),
    ],
)
def test_a_flaw_is_caught(sampler, law):
    with pytest.raises(LawBroken, match=law):
        LAWS[law](Trial(sampler), ANY_CASE)


CRASHING = '''
from typing import ClassVar, final
import attrs
from invsolve.sampler import Guidance, Kernel

@final
@attrs.frozen
class CrashGuidance(Guidance):
    """Crashes on its first step."""
    requires: ClassVar[frozenset] = frozenset()
    def step(self, problem, kernel, z, level, target, rng):
        return z.nothing

@final
@attrs.frozen
class CrashKernel(Kernel):
    """Crashes on its first step."""
    def step(self, z, prediction, level, target, rng):
        raise IndexError("no such step")
'''


def test_the_report_tries_the_steps_of_rules_and_kernels(shelf):
    manifest = manifest_of(
        ("guidance", "crash", "acme_crash:CrashGuidance"), ("kernel", "crash", "acme_crash:CrashKernel")
    )
    pretend(shelf, "invsolve-acme", manifest=manifest, modules={"acme_crash.py": CRASHING})
    report = check_distribution(Catalog.discover({"INVSOLVE_PLUGINS": "invsolve-acme"}), "invsolve-acme")
    broken = {(finding.component, finding.law) for finding in report.broken}
    assert {("guidance crash", "result_is_finite"), ("kernel crash", "result_is_finite")} <= broken
