"""`OperatorChecks`: the laws of operators as a pytest class to inherit."""

import abc
from collections.abc import Mapping
from typing import ClassVar

import pytest

from invsolve.operator import LinearOperator, Operator
from invsolve.testing.cases import wanted
from invsolve.testing.checks import check_waivers, try_law, waive
from invsolve.testing.law import Law
from invsolve.testing.laws import CLAIMED_OPERATOR_LAWS, OPERATOR_LAWS
from invsolve.testing.sizes import Sizes


class OperatorChecks(abc.ABC):
    """Inherit, implement `make`, run pytest: each law of an operator is one test on cases drawn by Hypothesis.

    ``pytest -k adjoint`` runs one law; ``INVSOLVE_CHECKS=thorough`` tries each on many more cases.

    Attributes:
        sizes: sizes of the *observation* to draw from; inputs follow from ``operator.input_space``.
        twice_differentiable: a nonlinear operator claims that its gradient can be differentiated again.
        expect_fail: waived laws with the reason, ``{"law": "reason"}``; a waiver whose law holds is a failure.

    Examples:
        ```python
        class TestFlip(OperatorChecks):
            def make(self) -> Operator:
                return Flip(axis="t")
        ```
    """

    sizes: ClassVar[Sizes] = Sizes()
    twice_differentiable: ClassVar[bool] = False
    expect_fail: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def make(self) -> Operator:
        """The operator under test."""

    @pytest.mark.parametrize("law", OPERATOR_LAWS, ids=str)
    def test_law(self, law: Law, request: pytest.FixtureRequest) -> None:
        """The operator obeys the law."""
        check_waivers(self.expect_fail, OPERATOR_LAWS)
        waive(request, law, self.expect_fail)
        operator = self.make()
        try_law(self._as_claimed(law, operator), operator, wanted(self.sizes), lambda draw: draw.input_of(operator))

    def _as_claimed(self, law: Law, operator: Operator) -> Law:
        if not self.twice_differentiable or isinstance(operator, LinearOperator):
            return law
        return next((claimed for claimed in CLAIMED_OPERATOR_LAWS if claimed.name == law.name), law)
