"""The operators of the core obey every law."""

from invsolve.algebra import Identity, LinearPipeline, Scaled
from invsolve.operator import Operator
from invsolve.testing import OperatorChecks


class TestIdentity(OperatorChecks):
    def make(self) -> Operator:
        return Identity()


class TestScaled(OperatorChecks):
    def make(self) -> Operator:
        return Scaled(factor=-0.5)


class TestPipeline(OperatorChecks):
    def make(self) -> Operator:
        return LinearPipeline((Scaled(factor=2.0), Identity(), Scaled(factor=-0.25)))
