from invsolve.recipe import from_data
from invsolve.testing import check_components, check_manifest_is_light
from invsolve.testing.manifests import heavy_imports
from invsolve_diffusers import CogVideoX, Diffusers, Placement, UNet3D


def test_the_manifest_is_light():
    check_manifest_is_light("invsolve_diffusers._plugin")


def test_components_keep_the_contract():
    check_components("invsolve-diffusers")


def test_priors_import_no_diffusers():
    """It takes seconds; listing a component's fields needs none of it."""
    assert "diffusers" not in heavy_imports("invsolve_diffusers.priors.diffusers", ("diffusers", "transformers"))


def test_recipe_form():
    assert from_data("prior", "cogvideox") == CogVideoX()
    assert from_data("prior", {"use": "unet3d", "path": "somewhere"}) == UNet3D(path="somewhere")
    said = {"use": "diffusers", "path": "a/b", "shift": 3.0, "placement": {"denoiser_dtype": "bfloat16"}}
    assert from_data("prior", said) == Diffusers("a/b", shift=3.0, placement=Placement(denoiser_dtype="bfloat16"))
