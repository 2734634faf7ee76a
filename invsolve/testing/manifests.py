"""Checks of a plugin's packaging: a light manifest, targets that exist, the constructor contract."""

import subprocess
import sys
from collections.abc import Iterable
from typing import Any, Final

import attrs

from invsolve.errors import BrokenPlugin, UnknownComponent, did_you_mean
from invsolve.plugin import Catalog
from invsolve.plugin.catalog import Entry, import_target
from invsolve.plugin.contract import violations
from invsolve.plugin.discover import canonical
from invsolve.plugin.docstring import documentation
from invsolve.testing.finding import Finding, Verdict

HEAVY: Final = ("torch", "numpy", "scipy", "xarray", "matplotlib", "av", "PIL", "diffusers", "transformers", "jax")
DOCUMENTED: Final = "the docstring says what fields mean"


def heavy_imports(module: str, heavy: Iterable[str] = HEAVY) -> tuple[str, ...]:
    """The `heavy` packages that importing `module` brings along, found in a fresh interpreter.

    Raises:
        BrokenPlugin: if the module cannot be imported.
    """
    code = f"import sys, {module}; print(*[name for name in {tuple(heavy)!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it ended the interpreter"]
        raise BrokenPlugin(f"the manifest {module} cannot be imported: {reason[0]}")
    return tuple(done.stdout.split())


def check_manifest_is_light(module: str, heavy: Iterable[str] = HEAVY) -> None:
    """Fail if importing the manifest `module` imports a heavy package."""
    found = heavy_imports(module, heavy)
    assert not found, _too_heavy(module, found)


def check_packaging(catalog: Catalog, distribution: str) -> tuple[Finding, ...]:
    """Every packaging check of one installed distribution, as data.

    Raises:
        UnknownComponent: if no plugin of that distribution is installed.
    """
    wanted = canonical(distribution)
    found = [plugin for plugin in catalog.plugins if canonical(plugin.source.distribution) == wanted]
    failed = [plugin for plugin in catalog.broken if canonical(plugin.source.distribution) == wanted]
    if not found and not failed:
        sources = [plugin.source for plugin in catalog.plugins] + [plugin.source for plugin in catalog.broken]
        names = sorted({source.distribution for source in sources})
        raise UnknownComponent(
            f"no plugin of a distribution called {distribution!r} is installed.{did_you_mean(distribution, names)} "
            f"Installed: {', '.join(names) or 'none'}."
        )
    findings = [Finding(f"manifest {p.source.module}", "the manifest loads", "failed", p.error) for p in failed]
    for plugin in found:
        findings += _of_manifest(plugin.source.module)
    for entry in catalog.entries:
        if canonical(entry.distribution) == wanted:
            findings += _of_component(entry)
    return tuple(findings)


def check_components(distribution: str) -> None:
    """Fail if a manifest of this distribution, or one of its components, breaks the plugin contract."""
    findings = check_packaging(Catalog.discover({}), distribution)
    wrong = [
        f"{finding.component}: {finding.law}: {finding.detail}" for finding in findings if finding.verdict == "failed"
    ]
    assert not wrong, "\n".join(wrong)


def _of_manifest(module: str) -> list[Finding]:
    subject = f"manifest {module}"
    heavy = heavy_imports(module)
    reason = _too_heavy(module, heavy) if heavy else ""
    light = Finding(subject, "the manifest is light", "failed" if reason else "passed", reason)
    return [Finding(subject, "the manifest loads", "passed"), light]


def _of_component(entry: Entry) -> list[Finding]:
    component = entry.component
    subject = f"{component.kind} {component.name}"
    try:
        target = import_target(entry)
    except BrokenPlugin as error:
        return [Finding(subject, "the target exists", "failed", str(error))]
    problems = " ".join(violations(component.kind, target))
    contract = Finding(subject, "the constructor contract", "failed" if problems else "passed", problems)
    findings = [Finding(subject, "the target exists", "passed"), contract]
    if not problems and isinstance(target, type) and attrs.has(target):
        findings.append(Finding(subject, DOCUMENTED, *_documented(target)))
    return findings


def _documented(cls: type[Any]) -> tuple[Verdict, str]:
    """Fields whose meaning stands in the list items that earlier versions of invsolve read."""
    fields = {name for field in attrs.fields(cls) for name in (field.name, field.alias)}
    listed = [name for name in documentation(cls.__doc__).listed if name in fields]
    if not listed:
        return "passed", ""
    return "advised", (
        f"the docstring of {cls.__name__} explains {', '.join(listed)} in items `- ``{listed[0]}``: ...`, which "
        f"`plugins show` and messages no longer read. Write them as a section: `Attributes:`, and below it, indented "
        f"by 4, `{listed[0]}: ...`."
    )


def _too_heavy(module: str, found: Iterable[str]) -> str:
    return (
        f"importing {module} also imports {', '.join(found)}; every `invsolve` command would pay for it. Move those "
        f"imports into the components' own modules, and let {module.partition('.')[0]}/__init__.py use `lazy_exports`."
    )
