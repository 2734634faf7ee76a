"""`STDiT` under the laws of priors, and what it refuses."""

import shutil

import attrs
import pytest
import torch

from invsolve import Problem, solve
from invsolve.errors import CapabilityError, ComponentError, ReadError, SpaceError, UnknownComponent
from invsolve.prior.precision import is_quick_in_bfloat16
from invsolve.recipe import from_data
from invsolve.schedule import DiscreteSchedule, FlowSchedule
from invsolve.testing import PriorChecks, Sizes, manifest_of, pretend
from invsolve.video.space import VideoSpace
from invsolve_operators import TemporalAverage
from invsolve_priors import STDiT
from invsolve_priors.learned.stdit.configuration import STDiTConfiguration
from invsolve_samplers import Diffusion, DPSGuidance, NoGuidance
from tests.priors import tiny_models


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def latent_model(folder):
    return tiny_models.write(folder / "latent.safetensors")


class Laws(PriorChecks):
    sizes = Sizes(channels=(3,), frames=(2, 1), height=(8, 16), width=(16, 8), slack=(0,))

    @pytest.fixture(autouse=True)
    def written(self, folder):
        self.path = folder / f"{type(self).__name__}.safetensors"
        if not self.path.exists():
            self.write(self.path)

    def make(self):
        return STDiT(file=self.path)


class TestInLatents(Laws):
    def write(self, path):
        return tiny_models.write(path)


class TestInPixelsWithALearnedVariance(Laws):
    def write(self, path):
        sizes = STDiTConfiguration(channels=3, depth=1, width=16, heads=2, learned_variance=True)
        # a big model of noise: the identity at small noise is learned, so keep close to it
        return tiny_models.write(path, autoencoder=None, denoiser=sizes, output="v", shake=0.0)


class TestResidual(Laws):
    sizes = Sizes(channels=(3,), frames=(2,), height=(16,), width=(16,), slack=(0,))

    def write(self, path):
        return tiny_models.write_residual(path)


class TestFlow(Laws):
    def write(self, path):
        return tiny_models.write(path, output="flow", schedule=FlowSchedule())


def test_each_output_gives_the_same_prediction_as_its_definition(folder):
    z = torch.randn(1, 4, 2, 4, 4, dtype=torch.float64)
    for output in ("eps", "v", "clean", "flow", "reverse_flow"):
        prior = STDiT(file=tiny_models.write(folder / f"{output}.safetensors", output=output))
        level = prior.schedule.levels(10)[4]
        says = prior.model.denoiser.double()(z, torch.tensor([level.time]))
        found = prior.predict(z, level)
        expected = {
            "eps": found.eps,
            "v": level.a * found.eps - level.s * found.z0,
            "clean": found.z0,
            "flow": found.eps - found.z0 if output == "flow" else None,
            "reverse_flow": found.z0 - found.eps if output == "reverse_flow" else None,
        }[output]
        if output in ("flow", "reverse_flow"):
            # a flow's level has a + s = 1; elsewhere the conversion has no meaning
            level = FlowSchedule().at(0.4)
            found = prior.predict(z, level)
            says = prior.model.denoiser.double()(z, torch.tensor([level.time], dtype=torch.float64))
            expected = (found.eps - found.z0) * (1 if output == "flow" else -1)
        torch.testing.assert_close(expected, says, rtol=1e-9, atol=1e-9)


def test_a_learned_variance_reaches_the_prediction(folder):
    sizes = STDiTConfiguration(channels=4, depth=1, width=16, heads=2, learned_variance=True)
    prior = STDiT(file=tiny_models.write(folder / "variance.safetensors", denoiser=sizes))
    z = torch.randn(1, 4, 2, 4, 4)
    fraction = prior.predict(z, prior.schedule.levels(5)[2]).variance_fraction
    assert fraction is not None
    assert fraction.shape == z.shape


def test_the_card_decides_the_schedule(folder):
    schedule = DiscreteSchedule(betas="scaled_linear", zero_terminal_snr=True)
    prior = STDiT(file=tiny_models.write(folder / "schedule.safetensors", schedule=schedule))
    assert prior.schedule == schedule


def test_half_precision_stays_close_and_keeps_the_dtype(latent_model):
    exact, quick = STDiT(file=latent_model), STDiT(file=latent_model, precision="bfloat16")
    z = torch.randn(1, 4, 2, 4, 4)
    level = exact.schedule.levels(10)[5]
    found = quick.predict(z, level).z0
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, exact.predict(z, level).z0, rtol=0.05, atol=0.05)


def test_checkpointing_changes_no_gradient(latent_model):
    gradients = []
    for checkpointing in (False, True):
        prior = STDiT(file=latent_model, checkpointing=checkpointing)
        z = torch.ones(1, 4, 2, 4, 4, dtype=torch.float64).requires_grad_()
        prior.predict(z, prior.schedule.levels(10)[5]).z0.square().sum().backward()
        gradients.append(z.grad)
    assert torch.equal(*gradients)


def test_a_recipe_names_the_file(latent_model):
    prior = from_data("prior", {"use": "stdit", "file": latent_model.name}, folder=latent_model.parent)
    assert prior == STDiT(file=latent_model)


def test_installed_weights_are_found_by_name(latent_model, shelf):
    module = f"""
from pathlib import Path
from typing import final
import attrs
from invsolve.prior.weights import Weights

@final
@attrs.frozen
class TinyWeights(Weights):
    def path(self) -> Path:
        return Path({str(latent_model)!r})
"""
    manifest = manifest_of(("weights", "tiny", "acme_tiny:TinyWeights"))
    pretend(shelf, "invsolve-acme", manifest=manifest, modules={"acme_tiny.py": module})
    prior = from_data("prior", {"use": "stdit", "weights": "tiny"})
    assert prior.path == latent_model
    assert prior.latent_shape(tiny_models.SPACE) == (4, 2, 4, 4)
    with pytest.raises(UnknownComponent, match="Did you mean 'tiny'"):
        STDiT(weights="tinny").latent_shape(tiny_models.SPACE)


def test_weights_or_a_file_are_needed(latent_model):
    with pytest.raises(ComponentError, match="either `weights`, a name, or `file`"):
        STDiT()
    with pytest.raises(ComponentError, match="either `weights`, a name, or `file`"):
        STDiT(weights="blocksworld", file=latent_model)


def test_videos_it_cannot_model_are_refused(latent_model):
    prior = STDiT(file=latent_model)
    with pytest.raises(SpaceError, match="models videos of 3 channels, got 1"):
        prior.latent_shape(VideoSpace(frames=2, height=16, width=16, channels=1))
    with pytest.raises(SpaceError, match=r"needs a height that is a multiple of 8, got 18 \(nearest 16 or 24\)"):
        prior.latent_shape(VideoSpace(frames=2, height=18, width=16))
    with pytest.raises(SpaceError, match=r"a height .* got 20 \(nearest 16 or 24\) and a width .* 4 \(nearest 8\)"):
        prior.latent_shape(VideoSpace(frames=2, height=20, width=4))
    for height in (16, 24):
        assert prior.latent_shape(VideoSpace(frames=2, height=height, width=8))[2] == height // 4


def test_a_string_is_a_path_and_a_number_is_none(latent_model):
    assert STDiT(file=str(latent_model)).latent_shape(tiny_models.SPACE) == (4, 2, 4, 4)
    with pytest.raises(ComponentError, match="a path must be a string or a Path, got 3"):
        STDiT(file=3)


def test_a_condition_is_taken_only_by_models_that_have_one(folder, latent_model):
    z, video = torch.randn(1, 4, 2, 4, 4), torch.randn(1, 4, 2, 4, 4)
    plain = STDiT(file=latent_model)
    level = plain.schedule.levels(5)[2]
    with pytest.raises(CapabilityError, match="trained without a condition; give the problem none"):
        plain.predict(z, level, video)
    sizes = STDiTConfiguration(channels=4, depth=1, width=16, heads=2, condition_channels=4)
    conditional = STDiT(file=tiny_models.write(folder / "condition.safetensors", denoiser=sizes))
    with pytest.raises(CapabilityError, match="trained with a condition; give the problem one"):
        conditional.predict(z, level)
    assert conditional.predict(z, level, video).z0.shape == z.shape


def test_a_file_that_is_gone_says_so(folder, latent_model):
    path = folder / "gone.safetensors"
    shutil.copy(latent_model, path)
    prior = STDiT(file=path)
    path.unlink()
    with pytest.raises(ReadError, match="there is no file"):
        prior.latent_shape(VideoSpace(frames=2, height=16, width=16))


def test_it_takes_part_in_a_solver(latent_model):
    """A blurred clip: chunks of frames change nothing, and guided samples explain it better than unguided ones."""
    prior = STDiT(file=latent_model)
    operator = TemporalAverage(frames=2)
    truth = torch.rand(1, 3, 2, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    observation = operator.forward(truth)
    problem = Problem(operator=operator, observation=observation, prior=prior, space=tiny_models.SPACE)
    sampler = Diffusion(guidance=DPSGuidance(scale=0.5), steps=4)
    whole = solve(problem, sampler, seed=0, samples=2)
    assert whole.video.shape == (2, 1, 3, 2, 16, 16)
    chunked = solve(attrs.evolve(problem, decode_frames=1), sampler, seed=0, samples=2)
    torch.testing.assert_close(chunked.video, whole.video, rtol=1e-7, atol=1e-7)
    free = solve(problem, Diffusion(guidance=NoGuidance(), steps=4), seed=0, samples=2)

    def misfit(solution):
        return float((operator.forward(solution.video[:, 0]) - observation).square().mean())

    assert misfit(whole) < misfit(free)


def test_a_residual_is_added_to_the_linear_estimate_it_is_told(folder):
    prior = STDiT(file=tiny_models.write_residual(folder / "residual.safetensors"))
    level = prior.schedule.levels(10)[4]
    z = torch.randn(2, 3, 2, 16, 16, dtype=torch.float64)
    model = prior.model
    a, s, time = (torch.full((2,), each, dtype=torch.float64) for each in (level.a, level.s, level.time))
    estimate, spread = model.gaussian.double()(z, a, s)
    says = model.denoiser.double()(z, time, estimate)
    prediction = prior.predict(z, level)
    torch.testing.assert_close(prediction.z0, estimate + spread.view(-1, 1, 1, 1, 1) * says, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(level.a * prediction.z0 + level.s * prediction.eps, z, rtol=1e-9, atol=1e-9)


def test_a_residual_model_keeps_to_the_shape_of_its_linear_estimate(folder):
    prior = STDiT(file=tiny_models.write_residual(folder / "shape.safetensors"))
    with pytest.raises(SpaceError, match="linear estimate"):
        prior.latent_shape(VideoSpace(frames=4, height=16, width=16, transfer="linear"))


def test_videos_of_another_transfer_are_refused(latent_model):
    prior = STDiT(file=latent_model)
    prior.latent_shape(attrs.evolve(tiny_models.SPACE, transfer="unknown"))
    with pytest.raises(SpaceError, match=r"values are linear, got srgb"):
        prior.latent_shape(attrs.evolve(tiny_models.SPACE, transfer="srgb"))


def test_automatic_precision_is_the_quicker_one(latent_model):
    wanted = "bfloat16" if is_quick_in_bfloat16("cpu") else "float32"
    automatic, named = (STDiT(file=latent_model, precision=word) for word in ("auto", wanted))
    z = torch.randn(1, 4, 2, 4, 4)
    level = automatic.schedule.levels(10)[5]
    assert torch.equal(automatic.predict(z, level).z0, named.predict(z, level).z0)
