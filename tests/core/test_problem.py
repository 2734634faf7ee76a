from typing import ClassVar

import attrs
import pytest
import torch

import invsolve as iv
from invsolve.errors import CapabilityError, ComponentError, SpaceError
from tests.core.parts import FrameWise, Halve, Square, StandardNormal

Y = torch.rand(2, 3, 4, 5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
Z = torch.randn(2, 3, 4, 5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
LEVEL = iv.VPSchedule().at(0.4)


@attrs.frozen
class OnlyGrey(iv.Prior):
    """Refuses colour."""

    schedule: iv.Schedule = iv.DiscreteSchedule()

    def latent_shape(self, space):
        if space.channels != 1:
            raise SpaceError(f"OnlyGrey models 1 channel, the video has {space.channels}.")
        return space.shape

    def encode(self, video):
        return video

    def decode(self, z):
        return z

    def predict(self, z, level, condition=None):
        return iv.Prediction.from_clean(z, z, level)


def test_the_space_is_inferred_and_can_be_given():
    assert iv.Problem(Halve(), Y, StandardNormal()).space.shape == (3, 4, 5, 12)
    wanted = iv.VideoSpace(frames=4, height=5, width=12, frame_rate=30.0, transfer="linear")
    assert iv.Problem(Halve(), Y, StandardNormal(), space=wanted).space is wanted


def test_parts_that_do_not_fit_are_refused_before_any_work():
    narrow = iv.VideoSpace(frames=4, height=5, width=8)
    with pytest.raises(SpaceError, match=r"observation of Halve\(\).*width is 6, expected 4"):
        iv.Problem(Halve(), Y, StandardNormal(), space=narrow)
    with pytest.raises(SpaceError, match="OnlyGrey models 1 channel, the video has 3"):
        iv.Problem(iv.Identity(), Y, OnlyGrey())
    with pytest.raises(SpaceError, match=r"\(3, 4, 5, 6\), expected the five axes"):
        iv.Problem(iv.Identity(), Y[0], StandardNormal())
    with pytest.raises(SpaceError, match="3 rows for 2 observations"):
        iv.Problem(iv.Identity(), Y, StandardNormal(), condition=torch.zeros(3, 1))


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_non_finite_observations_are_refused_with_their_place(value):
    y = Y.clone()
    y[1, 2, 3, 4, 5] = value
    with pytest.raises(ComponentError, match=r"1 NaN or infinite values, the first at b c t h w = \(1, 2, 3, 4, 5\)"):
        iv.Problem(iv.Identity(), y, StandardNormal())


def test_integer_observations_are_refused():
    with pytest.raises(ComponentError, match="uint8"):
        iv.Problem(iv.Identity(), (255 * Y).to(torch.uint8), StandardNormal())


def test_missing_capabilities_are_named():
    problem = iv.Problem(Square(), Y, StandardNormal(), noise=iv.PoissonNoise())
    with pytest.raises(CapabilityError) as caught:
        problem.require(iv.Requirement, "MyRule")
    for missing in iv.Requirement:
        assert missing.value in str(caught.value)
    with pytest.raises(CapabilityError, match="not linear"):
        problem.linear  # noqa: B018
    with pytest.raises(CapabilityError, match="not Gaussian"):
        problem.noise_std  # noqa: B018


def test_select_reorders_and_repeats():
    problem = iv.Problem(iv.Identity(), Y, StandardNormal(), condition=torch.tensor([[1.0], [2.0]]))
    chosen = problem.select([1, 0, 1])
    assert torch.equal(chosen.observation, Y[[1, 0, 1]])
    assert chosen.condition.flatten().tolist() == [2.0, 1.0, 2.0]


def traced_gradient(problem: iv.Problem) -> tuple[iv.Prediction, torch.Tensor, torch.Tensor]:
    trace = problem.trace(Z, LEVEL)
    gradient = trace.pull(problem.squared_residual_gradient(trace.video, trace.residual))
    return trace.prediction, gradient, trace.residual


@pytest.mark.parametrize("operator", [Square(), iv.Scaled(0.5)], ids=repr)
@pytest.mark.parametrize("decode_frames", [None, 1, 3, 9])
def test_the_squared_residual_s_gradient_is_its_derivative(operator, decode_frames):
    problem = iv.Problem(operator, Y, FrameWise(), decode_frames=decode_frames)
    prediction, gradient, residual = traced_gradient(problem)
    z = Z.clone().requires_grad_()
    clean = problem.prior.predict(z, LEVEL).z0
    left = Y - operator(problem.prior.decode(clean))
    (expected,) = torch.autograd.grad(left.square().sum(), z)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(residual, left, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(prediction.z0, clean.detach())
    assert not prediction.z0.requires_grad


def test_chunks_hold_no_more_frames_than_asked_for():
    problem = iv.Problem(iv.Identity(), Y, FrameWise(), decode_frames=3)
    traced_gradient(problem)
    assert set(problem.prior.seen) == {3, 1}


@pytest.mark.parametrize("noise", [iv.GaussianNoise(0.1), iv.PoissonNoise(0.01), iv.PoissonGaussianNoise(0.01, 0.02)])
def test_likelihood_gradient_is_that_of_the_log_likelihood(noise):
    problem = iv.Problem(Square(), Y, FrameWise(), noise=noise)
    trace = problem.trace(Z, LEVEL)
    gradient = trace.pull(problem.log_likelihood_gradient(trace.video))
    z = Z.clone().requires_grad_()
    mean = Square()(problem.prior.decode(problem.prior.predict(z, LEVEL).z0))
    (expected,) = torch.autograd.grad(-noise.negative_log_likelihood(Y, mean).sum(), z)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-10)


def test_decoder_gain_of_a_scaling_decoder_is_its_scale():
    assert iv.Problem(iv.Identity(), Y, StandardNormal(gain=0.25)).decoder_gain == pytest.approx(0.25, rel=1e-12)


@attrs.frozen
class Normed(FrameWise):
    """Decodes by a norm over each clip, which has no derivative of use where the clip is constant."""

    def decode(self, z):
        over = (1, 2, 3, 4)
        centred = z - z.mean(over, keepdim=True)
        return 0.5 * centred / (centred.square().mean(over, keepdim=True) + 1e-12).sqrt()


def test_decoder_gain_of_a_norm_is_that_of_typical_latents():
    """At the constant latent 0 the same norm has the gain 0.5e6: what pigdm and others would then scale by."""
    problem = iv.Problem(iv.Identity(), Y, Normed())
    assert problem.decoder_gain == pytest.approx(0.5, rel=0.1)


@attrs.frozen(eq=False)
class Watched(iv.Operator):
    """Keeps how often it was asked whether videos fit."""

    asked: list[str] = attrs.field(factory=list)

    def forward(self, x):
        return x

    def output_space(self, space):
        self.asked.append("output_space")
        return space


@attrs.frozen(eq=False)
class WatchedPrior(FrameWise):
    """Recurs; keeps how often its shape was asked for, and how often it decoded."""

    recurs: ClassVar[bool] = True
    asked: list[str] = attrs.field(factory=list)

    def latent_shape(self, space):
        self.asked.append("latent_shape")
        return space.shape

    def decode(self, z):
        self.asked.append("decode")
        return FrameWise.decode(self, z)


def test_what_was_checked_is_not_checked_again():
    """F5: a derived problem keeps what is known to hold, the gain of its decoder included."""
    problem = iv.Problem(Watched(), Y, WatchedPrior(), condition=torch.zeros(2, 1))
    gain = problem.decoder_gain
    problem.operator.asked.clear()
    problem.prior.asked.clear()
    for step in range(5):
        derived = iv.recalled(problem.select([step % 2]), None).with_noise(iv.GaussianNoise(0.1 * (step + 1)))
        assert derived.decoder_gain == gain
        assert derived.noise_std == 0.1 * (step + 1)
        assert torch.equal(derived.observation, Y[[step % 2]])
    assert problem.operator.asked == []
    assert problem.prior.asked == []
    assert isinstance(problem.noise, iv.GaussianNoise)
    assert problem.noise_std == 0.01


def test_another_decoder_is_asked_whether_it_fits_and_for_its_gain():
    problem = iv.Problem(iv.Identity(), Y, StandardNormal(gain=0.25))
    assert problem.decoder_gain == pytest.approx(0.25, rel=1e-12)
    louder = StandardNormal(gain=0.5)
    assert problem.with_prior(louder).decoder_gain == pytest.approx(0.5, rel=1e-12)
    assert problem.decoder_gain == pytest.approx(0.25, rel=1e-12)
    with pytest.raises(SpaceError, match="OnlyGrey models 1 channel, the video has 3"):
        problem.with_prior(OnlyGrey())


def test_what_is_given_anew_is_checked():
    derived = iv.Problem(iv.Identity(), Y, StandardNormal()).select([0])
    with pytest.raises(ComponentError, match="NaN"):
        attrs.evolve(derived, observation=Y / 0 * 0)
