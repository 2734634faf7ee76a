"""Operators of every installed plugin: ``from invsolve.operators import ...``.

Each is imported when it is named. Type checkers read `operators.pyi`, which knows those that come with invsolve.
"""

from invsolve.plugin.namespace import plugin_namespace

__getattr__, __dir__ = plugin_namespace(__name__, "operator")
