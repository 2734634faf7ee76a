"""What a solution has to beat, and what limits it."""

from typing import TYPE_CHECKING, Any

from invsolve.plugin import lazy_exports

if TYPE_CHECKING:
    from invsolve.baselines.baseline import Baseline as Baseline
    from invsolve.baselines.posterior_mean import PosteriorMean as PosteriorMean
    from invsolve.baselines.repeated import Repeated as Repeated
    from invsolve.baselines.true_latents import TrueLatents as TrueLatents
    from invsolve.baselines.wiener import Wiener as Wiener

TARGETS = (
    "invsolve.baselines.baseline:Baseline",
    "invsolve.baselines.posterior_mean:PosteriorMean",
    "invsolve.baselines.repeated:Repeated",
    "invsolve.baselines.true_latents:TrueLatents",
    "invsolve.baselines.wiener:Wiener",
)
_lazy, __dir__ = lazy_exports(__name__, (), TARGETS)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    return _lazy(name)
