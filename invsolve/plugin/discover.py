"""Find the installed plugins; keep the broken ones apart, so that none of them stops the host."""

import re
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, final

import attrs
import pluggy

from invsolve.errors import BrokenPlugin, did_you_mean
from invsolve.plugin import hooks
from invsolve.plugin.component import API, API_FLOOR, Component
from invsolve.plugin.open_kind import OpenKind

GROUP: Final = "invsolve"
NARROW: Final = "INVSOLVE_PLUGINS"
STRICT: Final = "INVSOLVE_STRICT_PLUGINS"


class PluginWarning(UserWarning):
    """Something about the choice of plugins that looks like a slip."""


@final
@attrs.frozen
class Source:
    """The origin of a plugin: one entry point of one distribution."""

    distribution: str
    version: str
    entry_point: str
    module: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} ({self.entry_point})"


@final
@attrs.frozen
class Plugin:
    """An entry point that was read, what it offers, and how long its manifest took to import [seconds]."""

    source: Source
    components: tuple[Component, ...]
    seconds: float
    recipes: Path | None = None
    """The folder of the recipes it brings."""


@final
@attrs.frozen
class FailedPlugin:
    """An entry point that could not be read: the error in one line, its traceback, and the time it took [seconds]."""

    source: Source
    error: str
    traceback: str
    seconds: float


@final
@attrs.frozen
class Discovery:
    """The plugins that `discover` found, each tuple in the order of (distribution, entry point)."""

    plugins: tuple[Plugin, ...] = ()
    failed: tuple[FailedPlugin, ...] = ()
    left_out: tuple[Source, ...] = ()
    """Installed, but kept out by `INVSOLVE_PLUGINS`."""


def discover(environ: Mapping[str, str]) -> Discovery:
    """Read the manifest of every installed plugin that `INVSOLVE_PLUGINS` lets through.

    Raises:
        BrokenPlugin: under `INVSOLVE_STRICT_PLUGINS=1`, for the first plugin that cannot be read.
    """
    plugins: list[Plugin] = []
    failed: list[FailedPlugin] = []
    left_out: list[Source] = []
    points = sorted(entry_points(group=GROUP), key=lambda point: (_source(point).distribution, point.name))
    wanted = _wanted(environ.get(NARROW), [_source(point) for point in points])
    strict = environ.get(STRICT, "") not in ("", "0")
    for point in points:
        source = _source(point)
        if source not in wanted:
            left_out.append(source)
            continue
        start = time.perf_counter()
        try:
            # what a manifest prints would spoil the output of whatever command runs
            with redirect_stdout(sys.stderr):
                components, recipes = _read(point, source)
                _agree(components, plugins, source)
        except (Exception, SystemExit) as error:  # a plugin may raise anything; a bad one must not stop the host
            if strict:
                raise BrokenPlugin(f"plugin {source} did not load: {_one_line(error)} ({STRICT} is set)") from error
            text = "".join(traceback.format_exception(error))
            failed.append(FailedPlugin(source, _one_line(error), text, time.perf_counter() - start))
        else:
            plugins.append(Plugin(source, components, time.perf_counter() - start, recipes))
    return Discovery(tuple(plugins), tuple(failed), tuple(left_out))


def canonical(distribution: str) -> str:
    """A distribution's name with case and separators made alike: `Inv_Solve` and `inv-solve` are one."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _source(point: EntryPoint) -> Source:
    if point.dist is None:
        return Source("unknown", "unknown", point.name, point.module)
    return Source(point.dist.name or "unknown", point.dist.version or "unknown", point.name, point.module)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, BrokenPlugin):
        return text
    ours = isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "invsolve"
    if ours or (isinstance(error, TypeError) and "Component.__init__()" in text):
        text += ". It may be written for a newer invsolve: upgrade one or the other."
    return f"{type(error).__name__}: {text}".rstrip(": ")


def _read(point: EntryPoint, source: Source) -> tuple[tuple[Component, ...], Path | None]:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hooks)
    manager.register(point.load(), name=str(source))
    manager.check_pending()
    listed = manager.hook.invsolve_components()
    if not listed:
        raise BrokenPlugin(
            f"{source.module} has no hook `invsolve_components`; define it and mark it with "
            "`@invsolve.plugin.hookimpl`."
        )
    components = tuple(listed[0])
    for component in components:
        _check(component, source)
    twice = [pair for pair, count in Counter((c.kind, c.name) for c in components).items() if count > 1]
    if twice:
        kind, name = twice[0]
        raise BrokenPlugin(f"{source.module} lists the {kind} {name!r} twice; give one of them another name.")
    folders = manager.hook.invsolve_recipes()
    if folders and not (isinstance(folders[0], Path) and folders[0].is_dir()):
        raise BrokenPlugin(f"`invsolve_recipes` of {source.module} must return an existing folder, got {folders[0]!r}.")
    return components, folders[0] if folders else None


def _agree(components: tuple[Component, ...], plugins: list[Plugin], source: Source) -> None:
    """Two plugins may not mean different things by the same kind."""
    known = {c.kind: (c.kind.base, p.source) for p in plugins for c in p.components if isinstance(c.kind, OpenKind)}
    for kind in (c.kind for c in components if isinstance(c.kind, OpenKind)):
        base, first = known.get(kind, (kind.base, source))
        if base != kind.base:
            raise BrokenPlugin(
                f"{source.module} opens a kind {str(kind)!r} with the base {kind.base}, but {first} has one of that "
                f"name with the base {base}; give one of them another name."
            )


def _check(component: object, source: Source) -> None:
    if not isinstance(component, Component):
        raise BrokenPlugin(
            f"`invsolve_components` of {source.module} must list `invsolve.plugin.Component`, got {component!r}."
        )
    if API_FLOOR <= component.api <= API:
        return
    host = f"this invsolve speaks {API_FLOOR}..{API}" if API_FLOOR < API else f"this invsolve speaks {API}"
    newer, older = ("invsolve", source.distribution) if component.api > API else (source.distribution, "invsolve")
    raise BrokenPlugin(
        f"component {component.name!r} speaks plugin API {component.api}; {host}. "
        f"Upgrade {newer} (pip install --upgrade {newer}), or install an older {older}."
    )


def _wanted(names: str | None, sources: list[Source]) -> list[Source]:
    """The sources that `INVSOLVE_PLUGINS` lets through: all if it is unset, none if it is empty."""
    if names is None:
        return sources
    wanted: set[Source] = set()
    for name in filter(None, (part.strip() for part in names.split(","))):
        hits = {source for source in sources if name in _labels(source) or canonical(name) in _labels(source)}
        if not hits:
            known = sorted({label for source in sources for label in _labels(source)})
            warnings.warn(
                f"{NARROW} names {name!r}, but no such plugin is installed.{did_you_mean(name, known)}",
                PluginWarning,
                stacklevel=2,
            )
        wanted |= hits
    return [source for source in sources if source in wanted]


def _labels(source: Source) -> set[str]:
    distribution = canonical(source.distribution)
    return {source.distribution, distribution, source.entry_point, f"{distribution}:{source.entry_point}"}
