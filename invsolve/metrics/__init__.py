"""How good a solution is."""

from typing import TYPE_CHECKING, Any

from invsolve.plugin import lazy_exports

if TYPE_CHECKING:
    from invsolve.metrics.best_direction import BestDirection as BestDirection
    from invsolve.metrics.bidirectional import Bidirectional as Bidirectional
    from invsolve.metrics.calibration import Calibration as Calibration
    from invsolve.metrics.coverage import Coverage as Coverage
    from invsolve.metrics.metric import Metric as Metric
    from invsolve.metrics.modes import Modes as Modes
    from invsolve.metrics.psnr import PSNR as PSNR
    from invsolve.metrics.reblur import Reblur as Reblur
    from invsolve.metrics.reconstruction import Reconstruction as Reconstruction
    from invsolve.metrics.ssim import SSIM as SSIM
    from invsolve.metrics.temporal_psnr import TemporalPSNR as TemporalPSNR

TARGETS = (
    "invsolve.metrics.best_direction:BestDirection",
    "invsolve.metrics.bidirectional:Bidirectional",
    "invsolve.metrics.calibration:Calibration",
    "invsolve.metrics.coverage:Coverage",
    "invsolve.metrics.metric:Metric",
    "invsolve.metrics.modes:Modes",
    "invsolve.metrics.psnr:PSNR",
    "invsolve.metrics.reblur:Reblur",
    "invsolve.metrics.reconstruction:Reconstruction",
    "invsolve.metrics.ssim:SSIM",
    "invsolve.metrics.temporal_psnr:TemporalPSNR",
)
_lazy, __dir__ = lazy_exports(__name__, (), TARGETS)


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    return _lazy(name)
