"""The kit without pytest: every law on every component of an installed distribution."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, final

import attrs

from invsolve.errors import BrokenPlugin, InvsolveError, UsageError
from invsolve.operator import Operator
from invsolve.plugin import Catalog
from invsolve.plugin.catalog import Entry
from invsolve.plugin.discover import canonical
from invsolve.prior import Prior
from invsolve.sampler import Guidance, Kernel, Sampler
from invsolve.testing.case import Case
from invsolve.testing.examples import NoExample, example
from invsolve.testing.finding import Finding, Verdict
from invsolve.testing.law import ANY_CASE, Law, LawBroken, NotApplicable
from invsolve.testing.laws import COMPONENT_LAWS, OPERATOR_LAWS, PRIOR_LAWS, SAMPLER_LAWS
from invsolve.testing.manifests import check_packaging
from invsolve.testing.sizes import Sizes, corner_cases, video_cases
from invsolve.testing.stepping import Stepping
from invsolve.testing.trial import Trial

Waivers = Mapping[str, Mapping[str, str]]

SEEDS: Final = (0, 1)
NO_SIZES: Final = (
    "it accepts none of the sizes tried here; its tests can name some, with the classes of invsolve.testing"
)


WORDS: Final[Mapping[Verdict, str]] = {
    "passed": "ok",
    "failed": "FAILED",
    "waived": "waived",
    "advised": "advice",
    "skipped": "not applicable",
}


@final
@attrs.frozen
class Report:
    """The findings of the kit: one `Finding` for each component and law."""

    distribution: str
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings that say a law or rule is broken."""
        return tuple(finding for finding in self.findings if finding.verdict == "failed")

    @property
    def tally(self) -> str:
        """`"120 ok, 2 failed, 31 not applicable"`."""
        counts = Counter(finding.verdict for finding in self.findings)
        words = ", ".join(f"{counts[verdict]} {word.lower()}" for verdict, word in WORDS.items() if counts[verdict])
        return words or "nothing to check"


def check_distribution(catalog: Catalog, distribution: str, waivers: Waivers | None = None) -> Report:
    """Try every law on every component that an installed distribution offers, and check its packaging.

    A component is tried with its default fields, or as its docstring's YAML example writes it; samplers with few steps.

    Args:
        waivers: laws that are known to be broken, with the reason: ``{"kind name": {"law": "reason"}}``.

    Raises:
        UnknownComponent: if no plugin of that distribution is installed.
    """
    findings = list(check_packaging(catalog, distribution))
    for entry in catalog.entries:
        if canonical(entry.distribution) == canonical(distribution) and entry.component.kind != "command":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                findings += _about(catalog, entry)
    return Report(distribution, tuple(_waived(finding, waivers or {}) for finding in findings))


def _about(catalog: Catalog, entry: Entry) -> Iterator[Finding]:
    subject = f"{entry.component.kind} {entry.component.name}"
    try:
        component = example(catalog, entry, catalog.load_entry(entry))
    except BrokenPlugin:
        return  # the packaging checks say so
    except NoExample as reason:
        yield Finding(subject, "an example", "skipped", f"no example: {reason}")
        return
    laws: Sequence[Law] = COMPONENT_LAWS
    cases: Sequence[Case] = ()
    try:
        laws, cases = _laws_and_cases(component)
    except InvsolveError as refused:  # such as weights that are not there
        yield Finding(subject, "an input", "skipped", f"no input to try: {_one_line(refused)}")
    except Exception as error:  # a component may raise anything
        yield Finding(subject, "an input", "failed", f"no input to try: {type(error).__name__}: {_one_line(error)}")
    if not cases and laws is not COMPONENT_LAWS:
        yield Finding(subject, "an input", "skipped", NO_SIZES)
        laws = COMPONENT_LAWS
    tried = _tried(component)
    if isinstance(tried, Trial) and not isinstance(component, Sampler) and (why := _refusal(tried)):
        yield Finding(subject, "a problem", "skipped", f"no problem to try: {why}")
        laws = COMPONENT_LAWS
    for law in laws:
        yield _try(subject, law, tried if law.subject is Trial else component, cases)


def _tried(component: object) -> object:
    """What the laws of runs are tried on: a sampler, or a few plain steps with the kernel or the rule."""
    if isinstance(component, Guidance):
        return Trial.of(Stepping(guidance=component))
    if isinstance(component, Kernel):
        return Trial.of(Stepping(kernel=component))
    return Trial.of(component) if isinstance(component, Sampler) else component


def _refusal(trial: Trial) -> str:
    """Why a part refuses the problem; empty where it does not, whatever else goes wrong."""
    try:
        trial.solve()
    except UsageError as refused:
        return _one_line(refused)
    except Exception:
        return ""
    return ""


def _laws_and_cases(component: object) -> tuple[Sequence[Law], Sequence[Case]]:
    if isinstance(component, Operator):
        return OPERATOR_LAWS, corner_cases(component, Sizes())
    if isinstance(component, Prior):
        return PRIOR_LAWS, video_cases(component)
    if isinstance(component, Sampler | Guidance | Kernel):
        return SAMPLER_LAWS, tuple(ANY_CASE.at(seed=seed) for seed in SEEDS)
    return COMPONENT_LAWS, ()


def _try(subject: str, law: Law, component: object, cases: Sequence[Case]) -> Finding:
    tried, reason = False, ""
    for case in (ANY_CASE,) if law.once else cases:
        try:
            law(component, case)
            tried = True
        except NotApplicable as silent:
            reason = str(silent)
        except LawBroken as broken:
            return Finding(subject, law.name, "failed", str(broken).removeprefix(f"law {law.name!r} is broken. "))
    return Finding(subject, law.name, "passed") if tried else Finding(subject, law.name, "skipped", reason)


def _waived(finding: Finding, waivers: Waivers) -> Finding:
    """A broken law that is waived is reported as such; a waiver of a law that holds is a failure."""
    reason = waivers.get(finding.component, {}).get(finding.law)
    if reason is None or finding.verdict == "skipped":
        return finding
    if finding.verdict == "failed":
        return attrs.evolve(finding, verdict="waived", detail=reason)
    return attrs.evolve(finding, verdict="failed", detail=f"the waiver ({reason}) is out of date: the law holds.")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
