"""The common part of the pytest classes: trying a law on drawn cases, and strict waivers."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from invsolve.errors import did_you_mean
from invsolve.testing.case import Case
from invsolve.testing.cases import SETTINGS, examples
from invsolve.testing.law import ANY_CASE, Law, NotApplicable

Drawn = TypeVar("Drawn")


def try_law(
    law: Law, component: object, drawn: st.SearchStrategy[Drawn], case_of: Callable[[Drawn], Case | None]
) -> None:
    """Try to refute `law` on cases made of what Hypothesis draws; skip the test where the law has nothing to say.

    Cases are made outside the strategy, because that may run the component itself.
    """
    if not isinstance(component, law.subject):
        pytest.skip(f"it is not a {law.subject.__name__}")
    if law.once:
        _try_once(law, component)
        return
    tried = 0
    reasons: list[str] = []

    @settings(SETTINGS, max_examples=examples(law.heavy))
    @given(draw=drawn)
    def obeys(draw: Drawn) -> None:
        nonlocal tried
        case = case_of(draw)
        if case is None:
            reject()
        try:
            law(component, case)
            tried += 1
        except NotApplicable as reason:
            reasons.append(str(reason))

    obeys()
    if not tried:
        pytest.skip(reasons[0])


def _try_once(law: Law, component: object) -> None:
    try:
        law(component, ANY_CASE)
    except NotApplicable as reason:
        pytest.skip(str(reason))


def waive(request: pytest.FixtureRequest, law: Law, expect_fail: Mapping[str, str]) -> None:
    """Mark the running test as a strict expected failure if `expect_fail` waives its law."""
    if law.name in expect_fail:
        request.applymarker(pytest.mark.xfail(reason=expect_fail[law.name], strict=True))


def check_waivers(expect_fail: Mapping[str, str], laws: Sequence[Law]) -> None:
    """Raise for a waiver of a law that does not exist."""
    known = [law.name for law in laws]
    for name in expect_fail:
        if name not in known:
            raise ValueError(
                f"expect_fail waives {name!r}, which is not a law.{did_you_mean(name, known)} Laws: {known}"
            )
