"""What comes from deepinv obeys every law of operators and of priors."""

from typing import ClassVar

import pytest

from invsolve.testing import OperatorChecks, PriorChecks, Sizes
from invsolve_deepinv import DeepinvDenoiser, DeepinvNonlinearPhysics, DeepinvPhysics


@pytest.mark.slow
class TestBlurWithReflection(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(2,), height=(3,), width=(3,), slack=(1,))

    def make(self):
        arguments = {"filter": [[0.1, 0.05, 0.0], [0.0, 0.7, 0.15]], "padding": "reflect"}
        return DeepinvPhysics("Blur", arguments=arguments)


class TestInpainting(OperatorChecks):
    """A decomposition."""

    sizes = Sizes(channels=(2,), frames=(2,), height=(3,), width=(4,), slack=(0,))

    def make(self):
        return DeepinvPhysics("Inpainting", arguments={"img_size": (2, 3, 4), "mask": 0.5}, seed=3)


@pytest.mark.slow
class TestPansharpening(OperatorChecks):
    """Two measurements of different sizes, packed into one row."""

    sizes = Sizes(channels=(1,), frames=(2,), height=(1,), width=(4 * 4 + 3 * 2 * 2,), slack=(0,))

    def make(self):
        arguments = {"img_size": (3, 4, 4), "factor": 2, "filter": "bilinear", "use_brovey": False}
        return DeepinvPhysics("Pansharpen", arguments=arguments)


class TestSpatialUnwrapping(OperatorChecks):
    sizes = Sizes(channels=(1,), frames=(2,), height=(4,), width=(5,))

    def make(self):
        return DeepinvNonlinearPhysics("SpatialUnwrapping", arguments={"threshold": 1.0, "mode": "floor"})


class TestDRUNet(PriorChecks):
    sizes = Sizes(channels=(3,), frames=(2,), height=(8,), width=(16,), slack=(0,))
    dtypes = ("float64",)
    expect_fail: ClassVar = {"little_noise_changes_little": "random weights denoise nothing"}

    def make(self):
        return DeepinvDenoiser("DRUNet", arguments={"nc": (2, 2, 2, 2), "nb": 1, "pretrained": None})
