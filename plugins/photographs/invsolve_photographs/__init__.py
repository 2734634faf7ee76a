"""From one motion-blurred photograph to the video that caused it."""

from invsolve.plugin import lazy_exports
from invsolve_photographs._plugin import COMPONENTS

__getattr__, __dir__ = lazy_exports(__name__, COMPONENTS)
