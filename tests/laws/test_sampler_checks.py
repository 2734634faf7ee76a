"""`SamplerChecks` under pytest: a sound sampler passes on any schedule, a mutant is an expected failure of one law."""

from typing import Any, ClassVar

from invsolve.sampler import Sampler
from invsolve.schedule import FlowSchedule, Schedule
from invsolve.testing import SamplerChecks
from tests.laws.sampler_mutants import RecordsNothing, Walk


class TestWalk(SamplerChecks):
    def make(self) -> Sampler[Any]:
        return Walk()


class TestWalkOnAFlow(SamplerChecks):
    schedule: ClassVar[Schedule] = FlowSchedule()

    def make(self) -> Sampler[Any]:
        return Walk(steps=2)


class TestWaived(SamplerChecks):
    expect_fail: ClassVar[dict[str, str]] = {"misfit_is_recorded": "a mutant that records nothing"}

    def make(self) -> Sampler[Any]:
        return RecordsNothing()
