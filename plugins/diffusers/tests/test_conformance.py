"""Every family obeys every law of priors."""

from typing import ClassVar

import pytest

from invsolve.prior import Prior
from invsolve.testing import PriorChecks, Sizes
from invsolve_diffusers.families.known import families
from invsolve_diffusers.priors.cogvideox import CogVideoX
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.priors.unet3d import UNet3D
from invsolve_diffusers.tiny.known import tiny_architectures

pytestmark = pytest.mark.filterwarnings("ignore:In CPU autocast")  # Mochi asks for float32 autocast
PRIORS: dict[str, type[Prior]] = {"cogvideox": CogVideoX, "cogvideox-1.5-i2v": CogVideoX, "unet3d": UNet3D}
EXACT = ("cogvideox", "unet3d")  # the others compute some layers in float32 whatever is asked for
QUICK = (*EXACT, "wan")  # of each kind of network and of noise; the others take minutes


class Checks(PriorChecks):
    """The laws, on the shortest clip."""

    name: ClassVar[str]
    dtypes = ("float32",)

    @pytest.fixture(autouse=True)
    def folder(self, tiny):
        self.path = str(tiny(self.name))

    def make(self):
        return PRIORS.get(self.name, Diffusers)(self.path)


def checks(name: str) -> type[Checks]:
    """The test class of a tiny model."""
    frames, height, width = tiny_architectures()[name][1].clip
    sizes = Sizes(channels=(3,), frames=(frames,), height=(height,), width=(width,), slack=(0,))
    dtypes = ("float64",) if name in EXACT else ("float32",)
    made = type(f"Test_{name}", (Checks,), {"name": name, "sizes": sizes, "dtypes": dtypes})
    return made if name in QUICK else pytest.mark.slow(made)


for name in (*(family.name for family in families()), "cogvideox-1.5-i2v"):
    globals()[f"Test_{name}"] = checks(name)
