"""Every family obeys every law of priors, and so does a denoiser of azula."""

from typing import ClassVar

import pytest

from invsolve.testing import PriorChecks, Sizes
from invsolve_azula import Azula
from invsolve_azula.commands.random_network import write_random
from invsolve_azula.families.known import FAMILIES

NOT_TRAINED = "a network of random parameters does not know the picture, and this one says all of it"
LONG = ("edm", "edm2", "jit")


class Checks(PriorChecks):
    """The laws, on the pictures of a tiny network; it computes in float32."""

    name: ClassVar[str]
    sizes = Sizes(channels=(3,), frames=(1,), height=(8,), width=(8,), slack=(0,))
    dtypes = ("float32",)

    @pytest.fixture(autouse=True)
    def file(self, tiny):
        self.path = tiny(self.name)

    def make(self):
        return Azula(self.path)


@pytest.mark.slow
class Test_adm(PriorChecks):
    """ADM's smallest: at one resolution, which is as good to the laws and takes a third of the time."""

    sizes = Sizes(channels=(3,), frames=(1,), height=(4,), width=(4,), slack=(0,))
    dtypes = ("float32",)

    @pytest.fixture(autouse=True)
    def file(self, tmp_path):
        family = FAMILIES["adm"]
        config = dict(family.tiny()) | {"channel_mult": [1], "image_size": 4, "attention_resolutions": [4]}
        self.path = write_random(family, config, tmp_path / "adm.safetensors")

    def make(self):
        return Azula(self.path)


for family in LONG:
    waived = {"little_noise_changes_little": NOT_TRAINED} if family == "jit" else {}
    made = type(f"Test_{family}", (Checks,), {"name": family, "expect_fail": waived})
    globals()[f"Test_{family}"] = pytest.mark.slow(made)
