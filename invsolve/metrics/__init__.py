"""How good a solution is."""

from typing import TYPE_CHECKING, Any

from invsolve.plugin import lazy_exports

if TYPE_CHECKING:
    from invsolve.metrics.coverage import Coverage as Coverage
    from invsolve.metrics.metric import Metric as Metric
    from invsolve.metrics.modes import Modes as Modes
    from invsolve.metrics.psnr import PSNR as PSNR
    from invsolve.metrics.reblur import Reblur as Reblur
    from invsolve.metrics.reconstruction import Reconstruction as Reconstruction
    from invsolve.metrics.ssim import SSIM as SSIM

TARGETS = (
    "invsolve.metrics.coverage:Coverage",
    "invsolve.metrics.metric:Metric",
    "invsolve.metrics.modes:Modes",
    "invsolve.metrics.psnr:PSNR",
    "invsolve.metrics.reblur:Reblur",
    "invsolve.metrics.reconstruction:Reconstruction",
    "invsolve.metrics.ssim:SSIM",
)
_lazy, __dir__ = lazy_exports(__name__, (), TARGETS)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    return _lazy(name)
