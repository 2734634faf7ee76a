"""The operators of the core, and those of the kit itself, obey every law."""

from invsolve.operator import Operator
from invsolve.operator.pipeline import Identity, LinearPipeline, Scaled
from invsolve.testing import OperatorChecks
from invsolve.testing.small import FrameMean, SquaredMean


class TestIdentity(OperatorChecks):
    def make(self) -> Operator:
        return Identity()


class TestScaled(OperatorChecks):
    def make(self) -> Operator:
        return Scaled(factor=-0.5)


class TestPipeline(OperatorChecks):
    def make(self) -> Operator:
        return LinearPipeline((Scaled(factor=2.0), Identity(), Scaled(factor=-0.25)))


class TestFrameMean(OperatorChecks):
    def make(self) -> Operator:
        return FrameMean(frames=3)


class TestSquaredMean(OperatorChecks):
    twice_differentiable = True

    def make(self) -> Operator:
        return SquaredMean(frames=2)
