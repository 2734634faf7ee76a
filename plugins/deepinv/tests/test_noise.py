import deepinv
import pytest
import torch

from invsolve import GaussianNoise, PoissonGaussianNoise, PoissonNoise
from invsolve.errors import CapabilityError, ComponentError
from invsolve.noise.stacked import StackedNoise
from invsolve_deepinv import as_noise_model, noise_of, operator_of

physics = deepinv.physics
PAIRS = [
    (physics.GaussianNoise(0.05), GaussianNoise(std=0.05)),
    (physics.PoissonNoise(gain=0.02, clip_positive=True), PoissonNoise(gain=0.02)),
    (physics.PoissonGaussianNoise(gain=0.02, sigma=0.05), PoissonGaussianNoise(gain=0.02, std=0.05)),
]


@pytest.mark.parametrize(("theirs", "ours"), PAIRS, ids=["gaussian", "poisson", "both"])
def test_the_laws_are_the_same(theirs, ours):
    found = noise_of(physics.Denoising(theirs))
    back = as_noise_model(ours)
    assert type(found) is type(ours)
    assert type(back) is type(theirs)
    for field in ("std", "gain"):
        if hasattr(ours, field):
            assert getattr(found, field) == pytest.approx(getattr(ours, field), rel=1e-6)
    mean = torch.full((1, 1, 200, 200), 0.5)
    for model in (theirs, back):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            drawn = model(mean)
        wanted = ours.standard_deviation(mean[:, :, None]).mean()
        assert float(drawn.mean()) == pytest.approx(0.5, abs=0.003)
        assert float(drawn.std()) == pytest.approx(float(wanted), rel=0.02)


@pytest.mark.parametrize(
    ("noise", "says"),
    [
        (physics.ZeroNoise(), "has no noise, and a posterior needs some"),
        (physics.GaussianNoise(torch.tensor([0.1, 0.2])), "2 different levels sigma, one for each picture"),
        (physics.PoissonNoise(gain=0.5, normalize=False), "multiply the observation by the gain, 0.5"),
        (physics.UniformNoise(), "deepinv's UniformNoise has no counterpart here"),
    ],
)
def test_other_laws_are_refused_in_words(noise, says):
    with pytest.raises(CapabilityError, match=says):
        noise_of(physics.Denoising(noise))


def test_what_deepinv_lacks_is_said():
    with pytest.raises(CapabilityError, match="deepinv has no noise model for StackedNoise"):
        as_noise_model(StackedNoise(noises=(GaussianNoise(),), frames=(1,)))


def test_a_sensor_model_is_refused():
    with pytest.raises(ComponentError, match="Denoising has a sensor_model, which acts after the noise"):
        operator_of(physics.Denoising(sensor_model=lambda y: y.clamp(0, 1)))
