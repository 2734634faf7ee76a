"""Priors of every installed plugin: ``from invsolve.priors import ...``.

Each is imported when it is named. Type checkers read `priors.pyi`, which knows those that come with invsolve.
"""

from invsolve.plugin.namespace import plugin_namespace

__getattr__, __dir__ = plugin_namespace(__name__, "prior")
