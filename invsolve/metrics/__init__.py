"""Metrics: the quality of a solution."""

from typing import TYPE_CHECKING

from invsolve.lazy import lazy_imports

if TYPE_CHECKING:
    from invsolve.metrics.best_direction import BestDirection as BestDirection
    from invsolve.metrics.bidirectional import Bidirectional as Bidirectional
    from invsolve.metrics.calibration import Calibration as Calibration
    from invsolve.metrics.coverage import Coverage as Coverage
    from invsolve.metrics.endpoint_error import EndpointError as EndpointError
    from invsolve.metrics.frame_parts import FrameParts as FrameParts
    from invsolve.metrics.lpips import LPIPS as LPIPS
    from invsolve.metrics.metric import Metric as Metric
    from invsolve.metrics.middle_frame import MiddleFrame as MiddleFrame
    from invsolve.metrics.modes import Modes as Modes
    from invsolve.metrics.psnr import PSNR as PSNR
    from invsolve.metrics.reblur import Reblur as Reblur
    from invsolve.metrics.reconstruction import Reconstruction as Reconstruction
    from invsolve.metrics.score import Score as Score
    from invsolve.metrics.ssim import SSIM as SSIM
    from invsolve.metrics.temporal_psnr import TemporalPSNR as TemporalPSNR

__getattr__, __dir__ = lazy_imports(__name__)
