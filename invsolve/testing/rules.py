"""`GuidanceChecks` and `KernelChecks`: the laws of guidance rules and of kernels, as pytest classes to inherit."""

import abc
from collections.abc import Mapping
from typing import ClassVar

import pytest
from hypothesis import strategies as st

from invsolve.sampler import Guidance, Kernel
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.testing.case import Case
from invsolve.testing.checks import check_waivers, try_law, waive
from invsolve.testing.law import ANY_CASE, Law
from invsolve.testing.laws import SAMPLER_LAWS
from invsolve.testing.stepping import Stepping
from invsolve.testing.trial import Trial


class GuidanceChecks(abc.ABC):
    """Inherit, implement `make`, run pytest: each law is one test, on four deterministic steps guided by the rule.

    The problem is that of `SamplerChecks`: three observations of very different size, each the mean of four frames of a
    correlated Gaussian.

    Attributes:
        schedule: the noise levels of the problem's prior.
        expect_fail: waived laws with the reason, ``{"law": "reason"}``; a waiver whose law holds is a failure.

    Examples:
        ```python
        class TestMyGuidance(GuidanceChecks):
            def make(self) -> Guidance:
                return MyGuidance(scale=0.5)
        ```
    """

    schedule: ClassVar[Schedule] = DiscreteSchedule()
    expect_fail: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def make(self) -> Guidance:
        """The rule under test."""

    @pytest.mark.parametrize("law", SAMPLER_LAWS, ids=str)
    def test_law(self, law: Law, request: pytest.FixtureRequest) -> None:
        """The rule obeys the law."""
        check_waivers(self.expect_fail, SAMPLER_LAWS)
        waive(request, law, self.expect_fail)
        rule = self.make()
        subject = Trial(Stepping(guidance=rule), self.schedule) if law.subject is Trial else rule
        try_law(law, subject, st.integers(0, 9), _of_seed)


class KernelChecks(abc.ABC):
    """Inherit, implement `make`, run pytest: each law is one test, on four steps of the kernel without guidance.

    Attributes:
        schedule: the noise levels of the problem's prior.
        expect_fail: waived laws with the reason, ``{"law": "reason"}``; a waiver whose law holds is a failure.

    Examples:
        ```python
        class TestMyKernel(KernelChecks):
            def make(self) -> Kernel:
                return MyKernel(eta=0.5)
        ```
    """

    schedule: ClassVar[Schedule] = DiscreteSchedule()
    expect_fail: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def make(self) -> Kernel:
        """The kernel under test."""

    @pytest.mark.parametrize("law", SAMPLER_LAWS, ids=str)
    def test_law(self, law: Law, request: pytest.FixtureRequest) -> None:
        """The kernel obeys the law."""
        check_waivers(self.expect_fail, SAMPLER_LAWS)
        waive(request, law, self.expect_fail)
        kernel = self.make()
        subject = Trial(Stepping(kernel=kernel), self.schedule) if law.subject is Trial else kernel
        try_law(law, subject, st.integers(0, 9), _of_seed)


def _of_seed(seed: int) -> Case:
    return ANY_CASE.at(seed=seed)
