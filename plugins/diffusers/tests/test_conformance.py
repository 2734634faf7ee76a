"""Every family obeys every law of priors."""

from typing import ClassVar

import pytest

from invsolve.testing import PriorChecks, Sizes
from invsolve_diffusers.priors.cogvideox import CogVideoX
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.priors.unet3d import UNet3D
from invsolve_diffusers.tiny.architectures import TINY

pytestmark = pytest.mark.filterwarnings("ignore:In CPU autocast")  # Mochi asks for float32 autocast


def clip(name: str) -> Sizes:
    frames, height, width = TINY[name].clip
    return Sizes(channels=(3,), frames=(frames,), height=(height,), width=(width,), slack=(0,))


class Checks(PriorChecks):
    """The laws, on the shortest clip; in float32, as some of the networks are inside whatever is asked for."""

    name: ClassVar[str]
    dtypes = ("float32",)

    @pytest.fixture(autouse=True)
    def folder(self, tiny):
        self.path = str(tiny(self.name))


class TestCogVideoX(Checks):
    name = "cogvideox"
    dtypes = ("float64",)
    sizes = clip("cogvideox")

    def make(self):
        return CogVideoX(self.path)


class TestUNet3D(Checks):
    name = "unet3d"
    dtypes = ("float64",)
    sizes = clip("unet3d")

    def make(self):
        return UNet3D(self.path)


class TestImageToVideo(Checks):
    name = "cogvideox-1.5-i2v"
    sizes = clip("cogvideox-1.5-i2v")

    def make(self):
        return CogVideoX(self.path)


class TestWan(Checks):
    name = "wan"
    sizes = clip("wan")

    def make(self):
        return Diffusers(self.path)


class TestLTX(Checks):
    name = "ltx"
    sizes = clip("ltx")

    def make(self):
        return Diffusers(self.path)


class TestHunyuanVideo(Checks):
    name = "hunyuan"
    sizes = clip("hunyuan")

    def make(self):
        return Diffusers(self.path)


class TestMochi(Checks):
    name = "mochi"
    sizes = clip("mochi")

    def make(self):
        return Diffusers(self.path)


class TestLatte(Checks):
    name = "latte"
    sizes = clip("latte")

    def make(self):
        return Diffusers(self.path)


class TestAnimateDiff(Checks):
    name = "animatediff"
    sizes = clip("animatediff")

    def make(self):
        return Diffusers(self.path)
