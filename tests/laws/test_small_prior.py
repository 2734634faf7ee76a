"""The kit's own prior obeys every law, with its conditional law and without."""

from invsolve.prior import Prior
from invsolve.schedule import EDMSchedule, FlowSchedule
from invsolve.testing import PriorChecks
from invsolve.testing.small_prior import OpaqueGaussian, SmallGaussian


class TestSmallGaussian(PriorChecks):
    def make(self) -> Prior:
        return SmallGaussian()


class TestFlow(PriorChecks):
    def make(self) -> Prior:
        return SmallGaussian(correlation=-0.4, schedule=FlowSchedule())


class TestEDM(PriorChecks):
    def make(self) -> Prior:
        return SmallGaussian(schedule=EDMSchedule())


class TestOpaque(PriorChecks):
    def make(self) -> Prior:
        return OpaqueGaussian()
