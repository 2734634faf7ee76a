"""Every bundled sampler, guidance rule and kernel obeys the laws of samplers, whatever is added to the catalogue."""

from functools import cache

import pytest

from invsolve.plugin import Catalog
from invsolve.sampler import Sampler
from invsolve.testing.examples import example
from invsolve.testing.law import ANY_CASE, NotApplicable
from invsolve.testing.laws import TRIAL_LAWS
from invsolve.testing.trial import SCHEDULES, Trial

CATALOG = Catalog.discover()


def bundled(kind: str) -> list[str]:
    return [entry.component.name for entry in CATALOG.of_kind(kind) if entry.distribution == "invsolve"]


def instance(kind: str, name: str) -> object:
    entry = CATALOG.find(kind, f"invsolve:{name}")
    return example(CATALOG, entry, CATALOG.load_entry(entry))


@cache
def trial(kind: str, name: str) -> Trial:
    part = instance(kind, name)
    if isinstance(part, Sampler):
        return Trial.of(part)
    diffusion = CATALOG.load("sampler", "invsolve:diffusion")
    if kind == "guidance":
        return Trial.of(diffusion(guidance=part, steps=4))
    # the exact kernel needs guidance that says what the observation leaves open
    sampler = diffusion(kernel=part, guidance=instance("guidance", "exact" if name == "exact" else "pigdm"), steps=4)
    own = CATALOG.load("schedule", "invsolve:res_shift")
    return Trial.of(sampler, (*SCHEDULES, own(timesteps=4)))


@pytest.mark.parametrize("law", TRIAL_LAWS, ids=str)
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in ("sampler", "guidance", "kernel") for name in bundled(kind)]
)
def test_it_obeys(kind, name, law):
    try:
        law(trial(kind, name), ANY_CASE.at(seed=3))
    except NotApplicable as reason:
        pytest.skip(str(reason))
