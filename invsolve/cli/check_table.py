"""The table that `invsolve plugins check` prints."""

import textwrap

from invsolve.plugin import Catalog
from invsolve.testing.finding import Finding
from invsolve.testing.manifests import check_packaging

MARK = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}


def check_table(catalog: Catalog, distribution: str) -> tuple[str, int]:
    """Check a distribution; the findings as a text, and how many failed.

    Raises: `UnknownComponent` if no plugin of that distribution is installed.
    """
    findings = check_packaging(catalog, distribution)
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in MARK}
    tally = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    return "\n".join([*map(_line, findings), "", f"{distribution}: {tally}"]), counts["failed"]


def _line(finding: Finding) -> str:
    head = f"{MARK[finding.verdict]:8} {finding.component}: {finding.law}"
    if not finding.detail:
        return head
    return f"{head}\n{textwrap.fill(finding.detail, 110, initial_indent=' ' * 9, subsequent_indent=' ' * 9)}"
