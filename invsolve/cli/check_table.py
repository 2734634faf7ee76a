"""The table that `invsolve plugins check` prints."""

import textwrap

from invsolve.plugin import Catalog
from invsolve.testing.finding import Finding
from invsolve.testing.report import WORDS, check_distribution


def check_table(catalog: Catalog, distribution: str, *, every_law: bool) -> tuple[str, int]:
    """Check a distribution; the findings as a text, and how many failed.

    Raises:
        UnknownComponent: if no plugin of that distribution is installed.
    """
    report = check_distribution(catalog, distribution)
    subjects = dict.fromkeys(finding.component for finding in report.findings)
    about = {subject: [f for f in report.findings if f.component == subject] for subject in subjects}
    lines = [_about(subject, findings, every_law) for subject, findings in about.items()]
    return "\n".join([*lines, "", f"{distribution}: {report.tally}"]), len(report.broken)


def _about(subject: str, findings: list[Finding], every_law: bool) -> str:
    """One line if all is well, and every failure below it if not."""
    shown = [f for f in findings if every_law or f.verdict in ("failed", "waived", "advised")]
    failed = any(finding.verdict == "failed" for finding in findings)
    skipped = sum(finding.verdict == "skipped" for finding in findings)
    count = f"{len(findings) - skipped} checks" + (f", {skipped} do not apply" if skipped else "")
    head = f"{'FAILED' if failed else 'ok':8}{subject:40} {count}"
    return "\n".join([head, *map(_line, shown)])


def _line(finding: Finding) -> str:
    text = f"{WORDS[finding.verdict]}: {finding.law}" + (f": {finding.detail}" if finding.detail else "")
    return textwrap.fill(text, 116, initial_indent=" " * 8, subsequent_indent=" " * 10)
