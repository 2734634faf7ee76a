"""Baselines: estimates that a solution has to beat, and those that bound it."""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

if TYPE_CHECKING:
    from invsolve.baselines.baseline import Baseline as Baseline
    from invsolve.baselines.files import Files as Files
    from invsolve.baselines.posterior_mean import PosteriorMean as PosteriorMean
    from invsolve.baselines.repeated import Repeated as Repeated
    from invsolve.baselines.true_latents import TrueLatents as TrueLatents
    from invsolve.baselines.wiener import Wiener as Wiener

__getattr__, __dir__ = lazy_imports(__name__)
