"""`Catalog`: look a component up by kind and name, refuse to guess, import it on use."""

import os
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, final

import attrs

from invsolve.errors import (
    AmbiguousComponent,
    BrokenPlugin,
    MissingExtra,
    UnknownComponent,
    article,
    did_you_mean,
)
from invsolve.extras import missing_extra
from invsolve.plugin.component import Component
from invsolve.plugin.contract import violations
from invsolve.plugin.discover import NARROW, Discovery, FailedPlugin, Plugin, Source, canonical, discover
from invsolve.plugin.elsewhere import offered_elsewhere
from invsolve.plugin.installed_recipe import InstalledRecipe, installed_recipes
from invsolve.plugin.open_kind import KINDS, OpenKind


@final
@attrs.frozen
class Entry:
    """A component and the distribution that offers it."""

    component: Component
    distribution: str
    version: str
    entry_point: str

    @property
    def qualified(self) -> str:
        """`distribution:name`, which chooses this entry whoever else offers the name."""
        return f"{self.distribution}:{self.component.name}"


@final
@attrs.frozen
class Catalog:
    """Everything the installed plugins offer.

        catalog = Catalog.discover()
        catalog.load("operator", "temporal_average")            # the class
        catalog.load("operator", "invsolve:temporal_average")   # of this distribution and no other

    A catalogue is a value: discover one and hand it on.
    """

    found: Discovery = attrs.field(factory=Discovery)

    @classmethod
    def discover(cls, environ: Mapping[str, str] = os.environ) -> "Catalog":
        """Read the installed manifests. Imports no component, and no torch unless a plugin's manifest does.

        Raises:
            BrokenPlugin: under `INVSOLVE_STRICT_PLUGINS=1`.
        """
        return cls(discover(environ))

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugins that were read."""
        return self.found.plugins

    @property
    def broken(self) -> tuple[FailedPlugin, ...]:
        """The plugins that could not be read."""
        return self.found.failed

    @property
    def left_out(self) -> tuple[Source, ...]:
        """The plugins that `INVSOLVE_PLUGINS` keeps out."""
        return self.found.left_out

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All components, in the order of (distribution, entry point, manifest)."""
        return tuple(
            Entry(component, plugin.source.distribution, plugin.source.version, plugin.source.entry_point)
            for plugin in self.plugins
            for component in plugin.components
        )

    @cached_property
    def recipes(self) -> tuple[InstalledRecipe, ...]:
        """The recipes that the plugins bring, sorted by name, then distribution."""
        return installed_recipes(self.plugins)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The core's kinds, then those that plugins open, in the order of `entries`."""
        opened = (e.component.kind for e in self.entries if isinstance(e.component.kind, OpenKind))
        return tuple(dict.fromkeys([*KINDS, *opened]))

    def kind(self, name: str) -> str:
        """The kind of this name: an `OpenKind` where a plugin opens it. A name that is none stays as it is."""
        return next((kind for kind in self.kinds if kind == name), name)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """The components of one kind, sorted by name, then distribution."""
        hits = (entry for entry in self.entries if entry.component.kind == kind)
        return tuple(sorted(hits, key=lambda entry: (entry.component.name, entry.distribution)))

    def names(self, kind: str) -> tuple[str, ...]:
        """The names that recipes use for this kind: bare names where unique, `distribution:name` where not."""
        return tuple(dict.fromkeys(self.recipe_name(entry) for entry in self.of_kind(kind)))

    def find(self, kind: str, name: str) -> Entry:
        """The one component of that kind called `name` or `distribution:name`; imports nothing.

        Raises:
            UnknownComponent: where no installed plugin offers it.
            AmbiguousComponent: where several do.
        """
        distribution, _, short = name.rpartition(":")
        namesakes = [entry for entry in self.of_kind(kind) if entry.component.name == short]
        hits = [e for e in namesakes if not distribution or canonical(e.distribution) == canonical(distribution)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise AmbiguousComponent(_ambiguity(kind, short, hits))
        raise UnknownComponent(self._unknown(kind, name, namesakes))

    def load(self, kind: str, name: str) -> type[Any]:
        """Import the class of a component and check it against the constructor contract.

        Raises:
            UnknownComponent: where no installed plugin offers it.
            AmbiguousComponent: where several do.
            BrokenPlugin: if the class cannot be imported or used.
        """
        cls: type[Any] = self.load_entry(self.find(kind, name))
        return cls

    def load_entry(self, entry: Entry) -> Any:
        """`load` for an entry already found; a command gives its function."""
        component = entry.component
        target = import_target(entry)
        problems = violations(component.kind, target)
        if problems:
            raise BrokenPlugin(
                f"{component.kind} {component.name!r} of {entry.distribution} {entry.version} breaks the plugin "
                f"contract: {' '.join(problems)}"
            )
        return target

    def entry_of(self, cls: type[Any]) -> Entry:
        """The entry that offers this class.

        Raises:
            UnknownComponent: if no installed plugin offers it.
        """
        exact = f"{cls.__module__}:{cls.__qualname__}"
        for entry in self.entries:
            if entry.component.target == exact:
                return entry
        # a manifest may name a class where it is re-exported instead of where it is defined
        for entry in self.entries:
            if entry.component.attribute == cls.__name__ and import_target(entry) is cls:
                return entry
        raise UnknownComponent(
            f"{exact} is not offered by any installed plugin, so it has no name in a recipe. List it in a plugin's "
            f"manifest as Component(kind, name, {exact!r}, summary)."
        )

    def name_of(self, cls: type[Any]) -> str:
        """The shortest name that finds this class.

        Raises:
            UnknownComponent: if no installed plugin offers it.
        """
        return self.recipe_name(self.entry_of(cls))

    def recipe_name(self, entry: Entry) -> str:
        """The shortest name that finds this entry."""
        name = entry.component.name
        namesakes = [e for e in self.entries if e.component.kind == entry.component.kind and e.component.name == name]
        return name if len(namesakes) == 1 else entry.qualified

    def elsewhere(self, kind: str, name: str) -> str:
        """A sentence that names the distribution of this project that offers `name`; empty if none that is missing."""
        return offered_elsewhere(kind, name, self._distributions)

    @cached_property
    def _distributions(self) -> frozenset[str]:
        """The distributions that are installed, broken ones and those left out as well."""
        sources = (*(each.source for each in self.plugins), *(each.source for each in self.broken), *self.left_out)
        return frozenset(canonical(source.distribution) for source in sources)

    def _unknown(self, kind: str, name: str, namesakes: list[Entry]) -> str:
        kind, known = self.kind(kind), self.names(kind)
        short = name.rpartition(":")[2]
        if kind not in self.kinds:
            hint = did_you_mean(kind, self.kinds)
            return f"there is no kind of component called {kind!r}.{hint} Kinds: {', '.join(self.kinds)}."
        hint = self.elsewhere(kind, short) or did_you_mean(short, known)
        if namesakes:
            hint = f" {' and '.join(repr(entry.qualified) for entry in namesakes)} would be found."
        lines = [f"no installed plugin offers {singular(kind)} called {name!r}.{hint}"]
        others = sorted({e.component.kind for e in self.entries if e.component.name == short} - {kind})
        if others and not namesakes:
            lines.append(f"  note: {short!r} is {' and '.join(singular(other) for other in others)}")
        lines.append(f"  installed {plural(kind)}: {', '.join(known) or 'none'}")
        lines += [f"  note: plugin {failed.source} did not load: {failed.error}" for failed in self.broken]
        if self.left_out:
            lines.append(f"  note: {NARROW} keeps out {', '.join(str(source) for source in self.left_out)}")
        return "\n".join(lines)


def import_target(entry: Entry) -> Any:
    """Import what an entry names.

    Raises:
        BrokenPlugin: if that fails, whatever the reason.
    """
    component = entry.component
    try:
        return getattr(import_module(component.module), component.attribute)
    except (Exception, SystemExit) as error:  # a plugin's module may raise anything
        if missing := missing_extra(error):
            raise MissingExtra(f"{component.kind} {component.name!r}: {missing}") from error
        raise BrokenPlugin(
            f"{component.kind} {component.name!r} of {entry.distribution} {entry.version} could not be imported from "
            f"{component.target}: {type(error).__name__}: {error}"
        ) from error


def singular(kind: str) -> str:
    """`"an operator"`, `"weights"`, `"a guidance rule"`: one component of a kind in a sentence."""
    return {"weights": "weights", "guidance": "a guidance rule"}.get(kind, article(kind.replace("_", " ")))


def plural(kind: str) -> str:
    """`"operators"`, `"weights"`, `"guidance rules"`: a kind as a heading."""
    if isinstance(kind, OpenKind):
        return kind.plural
    return {"weights": "weights", "guidance": "guidance rules"}.get(kind, f"{kind.replace('_', ' ')}s")


def _ambiguity(kind: str, name: str, hits: list[Entry]) -> str:
    if len({entry.distribution for entry in hits}) == 1:
        points = " and ".join(sorted(entry.entry_point for entry in hits))
        return (
            f"{kind} {name!r} is offered twice by {hits[0].distribution}, by its entry points {points}; keep one of "
            f"them out with {NARROW}, and tell its authors."
        )
    offers = " and ".join(entry.distribution for entry in hits)
    choices = " or ".join(repr(entry.qualified) for entry in hits)
    return f"{kind} {name!r} is offered by {offers}; write {choices} to choose."
