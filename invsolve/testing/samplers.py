"""`SamplerChecks`: the laws of samplers as a pytest class to inherit."""

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from invsolve.sampler import Sampler
from invsolve.schedule import DiscreteSchedule, Schedule
from invsolve.testing.case import Case
from invsolve.testing.checks import check_waivers, try_law, waive
from invsolve.testing.law import ANY_CASE, Law
from invsolve.testing.laws import SAMPLER_LAWS
from invsolve.testing.trial import Trial


class SamplerChecks(abc.ABC):
    """Inherit, implement `make` with few steps, run pytest: each law of a sampler is one test with drawn seeds.

    The problem is small and has a closed form: three observations of very different size, the mean of four frames of
    a correlated Gaussian, Gaussian noise.

    Attributes:
        schedule: the noise levels of the problem's prior.
        expect_fail: waived laws with the reason, ``{"law": "reason"}``; a waiver whose law holds is a failure.

    Examples:
        ```python
        class TestMySampler(SamplerChecks):
            def make(self) -> Sampler[Any]:
                return MySampler(steps=5)
        ```
    """

    schedule: ClassVar[Schedule] = DiscreteSchedule()
    expect_fail: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def make(self) -> Sampler[Any]:
        """The sampler under test."""

    @pytest.mark.parametrize("law", SAMPLER_LAWS, ids=str)
    def test_law(self, law: Law, request: pytest.FixtureRequest) -> None:
        """The sampler obeys the law."""
        check_waivers(self.expect_fail, SAMPLER_LAWS)
        waive(request, law, self.expect_fail)
        sampler = self.make()
        subject = Trial(sampler, self.schedule) if law.subject is Trial else sampler
        try_law(law, subject, st.integers(0, 9), _of_seed)


def _of_seed(seed: int) -> Case:
    return ANY_CASE.at(seed=seed)
