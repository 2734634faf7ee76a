"""Samplers, kernels, guidance rules and optical flows of every installed plugin: ``from invsolve.samplers import ...``.

Each is imported when it is named. Type checkers read `samplers.pyi`, which knows those that come with invsolve.
"""

from invsolve.plugin.namespace import plugin_namespace

__getattr__, __dir__ = plugin_namespace(__name__, "sampler", "kernel", "guidance", "flow")
