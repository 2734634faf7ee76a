"""A family from another distribution: three files, and no line of this package changed."""

import pytest
import torch

from invsolve.cli import main
from invsolve.errors import CapabilityError
from invsolve.parts import classes_of, references_of
from invsolve.plugin import Catalog
from invsolve.recipe import from_data, schema_of, to_data
from invsolve.testing import installed
from invsolve.testing.pretend import pretend
from invsolve.testing.report import check_distribution
from invsolve.video.space import VideoSpace
from invsolve_diffusers.kinds import FAMILY
from invsolve_diffusers.priors.diffusers import Diffusers
from invsolve_diffusers.tiny.factory import write_tiny

MANIFEST = """
from invsolve.plugin import Component, hookimpl
from invsolve_diffusers.kinds import FAMILY

COMPONENTS = (Component(FAMILY, "acme", "acme.family:Acme", "The video models of Acme."),)

@hookimpl
def invsolve_components():
    return COMPONENTS
"""
MODULE = '''
from collections.abc import Mapping
from typing import Any, ClassVar, final

import attrs

from acme.tiny import TINY
from invsolve_diffusers.families.noise import Table
from invsolve_diffusers.families.scaled import by_factor
from invsolve_diffusers.network.codecs.frames import FrameCodec
from invsolve_diffusers.network.family import Family
from invsolve_diffusers.network.frame_rule import FrameRule
from invsolve_diffusers.network.text_rule import TextRule


@final
@attrs.frozen
class Acme(Family):
    """Latte's transformer behind an autoencoder with a larger decoder."""

    references: ClassVar[tuple[str, ...]] = ("@misc{acme2026}",)
    name = "acme"
    title = "Acme Video"
    denoiser_class = "LatteTransformer3DModel"
    decoder_class = "AsymmetricAutoencoderKL"
    codec = FrameCodec()
    noise = Table()
    text = TextRule(encoder="T5EncoderModel", length=120, width_key="caption_channels")

    channels = lambda self, configs: int(configs.decoder["latent_channels"])
    frames = lambda self, configs: FrameRule(step=4, most=4)
    downsampling = lambda self, configs: 2
    patch = lambda self, configs: int(configs.denoiser["patch_size"])
    normal = lambda self, vae: by_factor(vae)
    arguments = lambda self, call: {"encoder_hidden_states": call.text.tokens}
    tiny = TINY
'''
TINY = """
from invsolve_diffusers.architectures.architecture import BETAS, DDIM, Architecture
from invsolve_diffusers.architectures.latte import TINY as LATTE

TINY = {
    "acme": Architecture(
        denoiser=LATTE["latte"].denoiser,
        decoder={
            "down_block_out_channels": (4, 4),
            "down_block_types": ("DownEncoderBlock2D",) * 2,
            "up_block_out_channels": (4, 8),
            "up_block_types": ("UpDecoderBlock2D",) * 2,
            "latent_channels": 4,
            "norm_num_groups": 2,
        },
        scheduler_class="DDIMScheduler",
        scheduler={**BETAS, **DDIM},
        pipeline="AcmePipeline",
        clip=(4, 8, 16),
        latent=(4, 4, 4, 8),
        text=(5, 16),
    )
}
"""


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    with installed(folder):
        modules = {"acme/__init__.py": "", "acme/family.py": MODULE, "acme/tiny.py": TINY}
        pretend(folder, "invsolve-acme", manifest=MANIFEST, modules=modules)
        yield folder


def test_its_checkpoints_are_priors(shelf, tmp_path):
    prior = Diffusers(str(write_tiny("acme", tmp_path / "tiny")))
    assert prior.model.family.title == "Acme Video"
    space = VideoSpace(4, 8, 16)
    z = torch.randn(1, *prior.latent_shape(space), generator=torch.Generator().manual_seed(0)).requires_grad_()
    video = prior.decode(prior.predict(z, prior.schedule.levels(4)[1]).z0)
    (gradient,) = torch.autograd.grad(video.square().sum(), z)
    assert video.shape == (1, *space.shape)
    assert float(gradient.norm()) > 0


def test_it_is_cited_and_its_distribution_is_known(shelf, tmp_path):
    prior = Diffusers(str(write_tiny("acme", tmp_path / "tiny")))
    assert "@misc{acme2026}" in references_of(prior)
    catalog = Catalog.discover({})
    assert "invsolve-acme" in {catalog.entry_of(cls).distribution for cls in classes_of(prior)[:2]}


def test_it_is_listed_shown_checked_and_in_the_schema(shelf, capsys):
    assert main(["plugins", "list"]) == 0
    listed = capsys.readouterr().out
    assert "families of video models" in listed
    assert "The video models of Acme." in listed
    assert main(["plugins", "show", "acme", "--kind", "family"]) == 0
    assert "a larger decoder" in capsys.readouterr().out
    assert not check_distribution(Catalog.discover({}), "invsolve-acme").broken
    assert {"acme", "wan"} <= {
        choice["title"] for choice in schema_of(Catalog.discover({}))["$defs"]["family"]["oneOf"]
    }


def test_recipes_can_write_it(shelf):
    made = from_data("family", "acme")
    assert type(made).__name__ == "Acme"
    assert to_data(made) == {"use": "acme"}
    assert from_data("family", to_data(made)) == made


def test_a_name_that_is_wrong_is_told_the_families(shelf, capsys):
    assert main(["plugins", "show", "acmee", "--kind", "family"]) == 2
    said = capsys.readouterr().err
    assert "Did you mean 'acme'?" in said
    assert "installed families of video models: acme, animatediff" in said


def test_two_families_of_one_model_are_told_apart(shelf, tmp_path):
    (shelf / "acme/family.py").write_text(MODULE.replace("AsymmetricAutoencoderKL", "AutoencoderKL"), encoding="utf-8")
    prior = Diffusers(str(write_tiny("latte", tmp_path / "tiny")))
    with pytest.raises(CapabilityError, match=r"claimed by the families acme \(acme.family\) and latte"):
        prior.model.family  # noqa: B018


def test_a_broken_family_hinders_no_other(shelf, tmp_path):
    (shelf / "acme/family.py").write_text("import nowhere\n", encoding="utf-8")
    assert Diffusers(str(write_tiny("latte", tmp_path / "tiny"))).model.family.name == "latte"


def test_the_names_of_families_are_those_of_their_components():
    catalog = Catalog.discover()
    for entry in catalog.of_kind(FAMILY):
        assert catalog.load_entry(entry).name == entry.component.name
