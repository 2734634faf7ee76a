"""Every operator obeys every law of the kit."""

import numpy as np

from invsolve import LinearOperator, Operator, pipeline
from invsolve.testing import OperatorChecks, Sizes
from invsolve_operators import (
    CameraResponse,
    Convolution,
    Downsample,
    DownsampledAverage,
    ExposureAverage,
    Linearise,
    Mask,
    Mosaic,
    Quantise,
    RollingShutter,
    SelectFrames,
    TemporalAverage,
    Warp,
)

SKEW = ((1.0, 2.0, 0.0), (0.0, 3.0, 1.0), (0.0, 0.0, 1.0))
EVEN = ((1.0, 2.0, 3.0, 4.0), (2.0, 3.0, 4.0, 5.0))
WIDE_ENOUGH = Sizes(height=(4, 5, 7), width=(5, 4, 8))
# Without a closed form, the laws about solutions take hundreds of iterations.
ITERATED = Sizes(channels=(1, 2), frames=(1,), height=(3, 4), width=(4, 3))


class TestTemporalAverage(OperatorChecks):
    def make(self) -> Operator:
        return TemporalAverage(frames=4)


class TestTemporalAverageOverlapping(OperatorChecks):
    def make(self) -> Operator:
        return TemporalAverage(frames=4, stride=1, offset=2, shutter="trapezoid:0.2")


class TestTemporalAverageTabulated(OperatorChecks):
    def make(self) -> Operator:
        return TemporalAverage(frames=3, weights=(1.0, 0.0, 2.0), dead_frames=2)


class TestExposureAverage(OperatorChecks):
    sizes = Sizes(frames=(3,))

    def make(self) -> Operator:
        return ExposureAverage(frames=6, intervals_frames=((-1.0, 0.5), (0.25, 2.5), (3.5, 4.0)), origin=1.0)


class TestDownsampledAverage(OperatorChecks):
    def make(self) -> Operator:
        return DownsampledAverage(frames=3, stride=2, block=2)


class TestSelectFramesEvery(OperatorChecks):
    def make(self) -> Operator:
        return SelectFrames(every=3)


class TestSelectFramesIndices(OperatorChecks):
    sizes = Sizes(frames=(3,))

    def make(self) -> Operator:
        return SelectFrames(indices=(3, 0, 6), frames=7)


class TestRollingShutter(OperatorChecks):
    def make(self) -> Operator:
        return RollingShutter(readout_frames=1.5, exposure_frames=1.0)


class TestRollingShutterOverlapping(OperatorChecks):
    def make(self) -> Operator:
        return RollingShutter(readout_frames=2.0, exposure_frames=0.5, stride=1, direction="up")


class TestConvolutionCircular(OperatorChecks):
    def make(self) -> Operator:
        return Convolution(kernel="camera_shake", size=5, seed=1)


class TestConvolutionCircularDirect(OperatorChecks):
    sizes = WIDE_ENOUGH

    def make(self) -> Operator:
        return Convolution(values=SKEW, method="direct")


class TestConvolutionReflect(OperatorChecks):
    sizes = ITERATED

    def make(self) -> Operator:
        return Convolution(values=SKEW, border="reflect")


class TestConvolutionReflectDirect(OperatorChecks):
    sizes = ITERATED

    def make(self) -> Operator:
        return Convolution(values=SKEW, border="reflect", method="direct")


class TestConvolutionReplicate(OperatorChecks):
    sizes = ITERATED

    def make(self) -> Operator:
        return Convolution(values=EVEN, border="replicate", method="direct")


class TestConvolutionZero(OperatorChecks):
    sizes = ITERATED

    def make(self) -> Operator:
        return Convolution(values=EVEN, border="zero", method="direct")


class TestConvolutionValid(OperatorChecks):
    sizes = ITERATED

    def make(self) -> Operator:
        return Convolution(values=EVEN, border="valid", method="direct")


class TestConvolutionPerChannel(OperatorChecks):
    sizes = Sizes(channels=(3,))

    def make(self) -> Operator:
        return Convolution(values=((SKEW,), (SKEW[::-1],), (((0.0, 1.0, 0.0),) * 3,)))


class TestConvolutionPerChannelDirect(OperatorChecks):
    sizes = Sizes(channels=(2,), frames=(1,), height=(3, 4), width=(4, 3))

    def make(self) -> Operator:
        return Convolution(values=((EVEN,), (EVEN[::-1],)), border="reflect", method="direct")


class TestConvolutionPerChannelAndFrame(OperatorChecks):
    sizes = Sizes(channels=(2,), frames=(2,))

    def make(self) -> Operator:
        flat = ((1.0,) * 3,) * 3
        return Convolution(values=((SKEW, flat), (SKEW[::-1], SKEW)))


class TestConvolutionPerFrame(OperatorChecks):
    sizes = Sizes(frames=(2,))

    def make(self) -> Operator:
        return Convolution(values=(SKEW, ((0.0, 1.0, 0.0),) * 3))


class TestDownsampleBox(OperatorChecks):
    def make(self) -> Operator:
        return Downsample(factor=3)


class TestDownsampleBicubic(OperatorChecks):
    def make(self) -> Operator:
        return Downsample(factor=2, method="bicubic")


class TestMaskRandom(OperatorChecks):
    def make(self) -> Operator:
        return Mask(keep=0.5, seed=2, per_frame=True)


class TestMaskBox(OperatorChecks):
    sizes = WIDE_ENOUGH

    def make(self) -> Operator:
        return Mask(hide=(1, 2, 2, 1))


class TestWarp(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(1, 2), height=(3,), width=(4,))

    def make(self) -> Operator:
        return Warp(values=1.5 * np.random.default_rng(0).standard_normal((2, 3, 4)))


class TestWarpPerFrame(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(2,), height=(3,), width=(4,))

    def make(self) -> Operator:
        return Warp(values=np.random.default_rng(1).standard_normal((2, 2, 3, 4)), border="replicate", scale=0.7)


class TestMosaic(OperatorChecks):
    sizes = Sizes(channels=(1,))

    def make(self) -> Operator:
        return Mosaic(pattern="grbg")


class TestCameraResponse(OperatorChecks):
    twice_differentiable = True

    def make(self) -> Operator:
        return CameraResponse(curve="srgb")


class TestCameraResponseSoft(OperatorChecks):
    twice_differentiable = True

    def make(self) -> Operator:
        return CameraResponse(curve="gamma:2.2", clip="soft", softness=0.05)


class TestCameraResponseTable(OperatorChecks):
    sizes = Sizes(channels=(2,))

    def make(self) -> Operator:
        return CameraResponse(curve="table", values=((0.0, 0.0), (0.6, 0.2), (0.9, 0.7), (1.0, 1.0)), clip="none")


class TestLinearise(OperatorChecks):
    twice_differentiable = True

    def make(self) -> Operator:
        return Linearise(curve="gamma:2.2")


class TestLineariseTable(OperatorChecks):
    def make(self) -> Operator:
        return Linearise(curve="table", values=(0.0, 0.6, 0.9, 1.0), clip="hard")


class TestQuantise(OperatorChecks):
    def make(self) -> Operator:
        return Quantise(bits=8, mode="trunc")


class TestBlurredVideo(OperatorChecks):
    def make(self) -> Operator:
        return pipeline(Convolution(values=SKEW), TemporalAverage(frames=2))


class TestColoursBlurredApart(OperatorChecks):
    sizes = Sizes(channels=(2,), frames=(2,))

    def make(self) -> Operator:
        kernels = ((SKEW,), (((0.0, 1.0, 0.0),) * 3,))
        return pipeline(Convolution(values=kernels), TemporalAverage(frames=2))


class TestFramesBlurredApart(OperatorChecks):
    sizes = Sizes(frames=(2,))

    def make(self) -> Operator:
        kernels = (SKEW, ((0.0, 1.0, 0.0),) * 3, ((1.0,) * 3,) * 3, SKEW)
        return pipeline(Convolution(values=kernels), TemporalAverage(frames=2))


class TestBlurredSmallVideo(OperatorChecks):
    def make(self) -> Operator:
        return pipeline(TemporalAverage(frames=2), Downsample(factor=2), Downsample(factor=2))


class TestExposureInLinearLight(OperatorChecks):
    twice_differentiable = True

    def make(self) -> Operator:
        return pipeline(Linearise(curve="gamma:2.2"), TemporalAverage(frames=3), CameraResponse(curve="gamma:2.2"))


def test_pipelines_of_linear_operators_are_linear() -> None:
    assert isinstance(TestBlurredVideo().make(), LinearOperator)
    assert not isinstance(TestExposureInLinearLight().make(), LinearOperator)
