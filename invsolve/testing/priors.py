"""`PriorChecks`: the laws of priors as a pytest class to inherit."""

import abc
from collections.abc import Mapping
from typing import ClassVar

import pytest

from invsolve.errors import SpaceError
from invsolve.prior import Prior
from invsolve.testing.case import Case
from invsolve.testing.cases import wanted
from invsolve.testing.checks import check_waivers, try_law, waive
from invsolve.testing.law import Law
from invsolve.testing.laws import PRIOR_LAWS
from invsolve.testing.sizes import Sizes, Wanted


class PriorChecks(abc.ABC):
    """Inherit, implement `make`, run pytest: each law of a prior is one test on cases drawn by Hypothesis.

    Attributes:
        sizes: sizes of the *video* to draw from; what `latent_shape` refuses with a `SpaceError` is not tried.
        dtypes: what it computes in; for a network that is float32 inside, ``("float32",)``.
        expect_fail: waived laws with the reason, ``{"law": "reason"}``; a waiver whose law holds is a failure.

    Examples:
        ```python
        class TestMyPrior(PriorChecks):
            sizes = Sizes(channels=(3,), frames=(4,), height=(16,), width=(16, 24))

            def make(self) -> Prior:
                return MyPrior()
        ```
    """

    sizes: ClassVar[Sizes] = Sizes(channels=(1, 3), frames=(2, 1, 3), height=(2, 3), width=(3, 2), slack=(0,))
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")
    expect_fail: ClassVar[Mapping[str, str]] = {}

    @abc.abstractmethod
    def make(self) -> Prior:
        """The prior under test."""

    @pytest.mark.parametrize("law", PRIOR_LAWS, ids=str)
    def test_law(self, law: Law, request: pytest.FixtureRequest) -> None:
        """The prior obeys the law."""
        check_waivers(self.expect_fail, PRIOR_LAWS)
        waive(request, law, self.expect_fail)
        prior = self.make()
        try_law(law, prior, wanted(self.sizes, self.dtypes), lambda draw: video_case(prior, draw))


def video_case(prior: Prior, draw: Wanted) -> Case | None:
    """The case of a video that the prior models; None where it refuses such videos."""
    try:
        prior.latent_shape(draw.observed)
    except SpaceError:
        return None
    c, t, h, w = draw.observed.shape
    return Case(b=draw.b, c=c, t=t, h=h, w=w, dtype=draw.dtype, seed=draw.seed)
