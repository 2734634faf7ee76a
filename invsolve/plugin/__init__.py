"""The names that a plugin's author and a catalogue's reader import. Imports no torch.

A plugin is a distribution with an entry point in the group `invsolve`, which names a light manifest module:

    # pyproject.toml
    [project.entry-points.invsolve]
    acme = "invsolve_acme._plugin"

    # invsolve_acme/_plugin.py
    COMPONENTS = (Component("operator", "flip", "invsolve_acme.flip:Flip", "Mirror every frame."),)

    @hookimpl
    def invsolve_components() -> tuple[Component, ...]:
        return COMPONENTS

    # invsolve_acme/__init__.py
    __getattr__, __dir__ = lazy_exports(__name__, COMPONENTS)
"""

from invsolve.errors import AmbiguousComponent as AmbiguousComponent
from invsolve.errors import BrokenPlugin as BrokenPlugin
from invsolve.errors import PluginError as PluginError
from invsolve.errors import UnknownComponent as UnknownComponent
from invsolve.plugin.catalog import Catalog as Catalog
from invsolve.plugin.catalog import Entry as Entry
from invsolve.plugin.component import API as API
from invsolve.plugin.component import API_FLOOR as API_FLOOR
from invsolve.plugin.component import Component as Component
from invsolve.plugin.contract import base_of as base_of
from invsolve.plugin.contract import recipe_key as recipe_key
from invsolve.plugin.discover import FailedPlugin as FailedPlugin
from invsolve.plugin.discover import Plugin as Plugin
from invsolve.plugin.discover import PluginWarning as PluginWarning
from invsolve.plugin.exports import lazy_exports as lazy_exports
from invsolve.plugin.hooks import hookimpl as hookimpl
from invsolve.plugin.hooks import hookspec as hookspec
from invsolve.plugin.open_kind import KINDS as KINDS
from invsolve.plugin.open_kind import Kind as Kind
from invsolve.plugin.open_kind import OpenKind as OpenKind
