import deepinv
import pytest
import torch

from invsolve import VideoSpace
from invsolve.errors import ComponentError, InvsolveError, SpaceError
from invsolve.recipe import BadRecipe, from_data
from invsolve_deepinv import DeepinvNonlinearPhysics, DeepinvPhysics, operator_of


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"physics": "Blurr"}, r"deepinv.physics has no class 'Blurr'. Did you mean 'Blur'\?"),
        ({"physics": "Haze"}, "Haze is not linear; use deepinv_nonlinear_physics"),
        ({"physics": "Blur", "arguments": {"pading": "valid"}}, r"has no argument 'pading'. Did you mean 'padding'\?"),
        ({"physics": "Blur", "arguments": {"noise_model": 1}}, "write the recipe's `noise:`"),
        ({"physics": "Blur", "arguments": {"filter": {"make": "gausian_blur"}}}, "Did you mean 'gaussian_blur'"),
        (
            {"physics": "Blur", "arguments": {"filter": {"make": "gaussian_blur", "sgma": 1.0}}},
            "has no argument 'sgma'",
        ),
        ({"physics": "Blur", "arguments": {"filter": [[1.0, "a"]]}}, "arguments.filter is not an array of numbers"),
        (
            {"physics": "Downsampling", "arguments": {"factor": 2, "filter": None, "padding": 3}, "size": "x"},
            "size must be",
        ),
        ({"physics": "Blur@1234", "arguments": {}}, "was a physics given as an object"),
        ({"physics": "BlurFFT"}, "deepinv's BlurFFT refuses .*missing 1 required positional argument: 'img_size'"),
    ],
)
def test_a_mistake_is_one_sentence(fields, says):
    with pytest.raises(ComponentError, match=says):
        DeepinvPhysics(**fields)


def test_a_recipe_says_where():
    with pytest.raises(BadRecipe, match=r"operator.*Did you mean 'Blur'"):
        from_data("operator", {"use": "deepinv_physics", "physics": "Bluur"})


def test_the_recipe_form(tmp_path):
    (tmp_path / "kernel.txt").write_text("0.1 0.2 0.3\n0.1 0.2 0.1\n")
    said = {"use": "deepinv_physics", "physics": "Blur", "arguments": {"padding": "circular"}}
    read = from_data("operator", {**said, "files": {"filter": "kernel.txt"}}, folder=tmp_path)
    written = DeepinvPhysics("Blur", arguments={"padding": "circular", "filter": [[0.1, 0.2, 0.3], [0.1, 0.2, 0.1]]})
    x = torch.rand(1, 1, 1, 5, 5)
    assert torch.equal(read.forward(x), written.forward(x))
    with pytest.raises(ComponentError, match="filter is given both"):
        DeepinvPhysics("Blur", arguments={"filter": [[1.0]]}, files={"filter": tmp_path / "kernel.txt"})


def test_what_is_drawn_follows_the_seed_alone():
    def mask(seed):
        return DeepinvPhysics("Inpainting", arguments={"img_size": (1, 8, 8), "mask": 0.5}, seed=seed).held.physics.mask

    before = torch.get_rng_state()
    assert torch.equal(mask(1), mask(1))
    assert not torch.equal(mask(1), mask(2))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_size_that_does_not_fit_is_said():
    operator = DeepinvPhysics("Inpainting", arguments={"img_size": (1, 8, 8), "mask": 0.5})
    with pytest.raises(SpaceError, match=r"was made for pictures of c h w = \(1, 8, 8\), got \(1, 8, 9\)"):
        operator.output_space(VideoSpace(frames=1, height=8, width=9, channels=1))
    with pytest.raises(
        SpaceError, match=r"measurements of deepinv's Inpainting have c h w = \(1, 8, 8\), got \(1, 4, 4\)"
    ):
        operator.input_space(VideoSpace(frames=1, height=4, width=4, channels=1))
    sensing = operator_of(deepinv.physics.LinearPhysics(A=lambda x, **_: x.flatten(1), A_adjoint=lambda y, **_: y))
    with pytest.raises(InvsolveError, match="say for which `size` it is"):
        sensing.output_space(VideoSpace(frames=1, height=2, width=3))


def test_an_affine_map_is_not_linear():
    physics = deepinv.physics.LinearPhysics(A=lambda x, **_: x + 1, A_adjoint=lambda y, **_: y)
    with pytest.raises(ComponentError, match="measures something in a black picture"):
        operator_of(physics).output_space(VideoSpace(frames=1, height=2, width=3))


def test_a_linear_physics_wants_the_linear_class():
    with pytest.raises(ComponentError, match="Blur is linear; use deepinv_physics"):
        DeepinvNonlinearPhysics("Blur", arguments={"filter": [[1.0]]})
    with pytest.raises(ComponentError, match=r"expected a deepinv\.physics\.Physics, got Identity"):
        operator_of(torch.nn.Identity())


def test_a_nonlinear_physics_of_another_size_asks_for_it():
    squares = deepinv.physics.Physics(A=lambda x, **_: x[..., ::2] ** 2)
    with pytest.raises(SpaceError, match=r"say for which `size` it is"):
        operator_of(squares).input_space(VideoSpace(frames=1, height=4, width=4))
    known = operator_of(squares, size=(3, 4, 8))
    assert known.input_space(VideoSpace(frames=2, height=4, width=4)).shape == (3, 2, 4, 8)
