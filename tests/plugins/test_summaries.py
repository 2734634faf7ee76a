"""Summaries stand alone: `plugins list` sorts by name, so that none may lean on the one before it."""

import re

import pytest

from invsolve.plugin import Catalog

ENTRIES = Catalog.discover().entries


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.component.kind}-{entry.component.name}")
def test_a_summary_is_one_sentence_that_stands_alone(entry):
    summary = entry.component.summary
    assert not re.match(r"(The same|Likewise|Also|As above|Ditto)\b", summary)
    assert summary[0].isupper() and summary[-1] in ".?"
