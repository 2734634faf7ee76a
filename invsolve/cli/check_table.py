"""The table that `invsolve plugins check` prints."""

import textwrap

from invsolve.plugin import Catalog
from invsolve.testing.finding import Finding
from invsolve.testing.manifests import check_packaging

VERDICTS = ("passed", "failed", "skipped")


def check_table(catalog: Catalog, distribution: str) -> tuple[str, int]:
    """Check a distribution; the findings as a text, and how many failed.

    Raises: `UnknownComponent` if no plugin of that distribution is installed.
    """
    findings = check_packaging(catalog, distribution)
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in VERDICTS}
    tally = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    subjects = dict.fromkeys(finding.component for finding in findings)
    lines = [_about(subject, [f for f in findings if f.component == subject]) for subject in subjects]
    return "\n".join([*lines, "", f"{distribution}: {tally}"]), counts["failed"]


def _about(subject: str, findings: list[Finding]) -> str:
    """One line if all is well, and every failure below it if not."""
    failed = [finding for finding in findings if finding.verdict == "failed"]
    skipped = sum(finding.verdict == "skipped" for finding in findings)
    count = f"{len(findings) - skipped} checks" + (f", {skipped} do not apply" if skipped else "")
    head = f"{'FAILED' if failed else 'ok':8}{subject:40} {count}"
    return "\n".join([head, *(_wrapped(f"{finding.law}: {finding.detail}") for finding in failed)])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 116, initial_indent=" " * 8, subsequent_indent=" " * 10)
