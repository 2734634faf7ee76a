"""The operators that come with invsolve. Importing this package imports none of them until it is used."""

from invsolve.plugin import lazy_exports
from invsolve_operators._plugin import COMPONENTS

__getattr__, __dir__ = lazy_exports(__name__, COMPONENTS)
