# Written by tools/namespaces.py.
from typing import Any

from invsolve.operator.pipeline import Identity as Identity
from invsolve.operator.pipeline import Scaled as Scaled
from invsolve.operator.stack import NonlinearStack as NonlinearStack
from invsolve.operator.stack import Stack as Stack
from invsolve_operators.camera_response import CameraResponse as CameraResponse
from invsolve_operators.convolution import Convolution as Convolution
from invsolve_operators.downsample import Downsample as Downsample
from invsolve_operators.downsampled_average import DownsampledAverage as DownsampledAverage
from invsolve_operators.exposure_average import ExposureAverage as ExposureAverage
from invsolve_operators.linearise import Linearise as Linearise
from invsolve_operators.mask import Mask as Mask
from invsolve_operators.mosaic import Mosaic as Mosaic
from invsolve_operators.quantise import Quantise as Quantise
from invsolve_operators.rolling_shutter import RollingShutter as RollingShutter
from invsolve_operators.select_frames import SelectFrames as SelectFrames
from invsolve_operators.temporal_average import TemporalAverage as TemporalAverage
from invsolve_operators.warp import Warp as Warp

def __getattr__(name: str) -> Any: ...  # of plugins that are distributions of their own
