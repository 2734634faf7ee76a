"""Truths come from the prior, observations from truths, and draw `i` is the same in any batch."""

import pytest
import torch

import invsolve as iv
from invsolve.calibration.quantities import Quantities
from invsolve.calibration.simulation import Simulation
from invsolve.errors import CapabilityError
from invsolve_priors import SpectralGaussian
from tests.calibration.problems import EXACT, averaged, covariance, gaussian_prior, means, mixture_prior
from tests.core.parts import Halve, Square, StandardNormal, Walk

COUNT = 2000


def draws(prior, count=COUNT):
    return Simulation(averaged(prior, dtype=torch.float64), EXACT, seed=0).draw(range(count), 1)


def test_truths_of_a_gaussian_have_its_mean_and_covariance():
    truth, problem = draws(gaussian_prior())
    flat = truth.flatten(1)
    assert torch.allclose(flat.mean(0), torch.zeros(4, dtype=torch.float64), atol=4 / COUNT**0.5)
    assert torch.allclose(flat.T.cov(), covariance(), atol=4 * (2 / COUNT) ** 0.5)
    noise = (problem.observation - truth.mean(2, keepdim=True)).flatten()
    assert float(noise.std()) == pytest.approx(0.1, rel=4 / (2 * COUNT) ** 0.5)
    assert abs(float((noise * flat.mean(1)).mean())) < 4 * 0.1 / COUNT**0.5


def test_truths_of_a_mixture_have_its_weights_and_means():
    truth, _ = draws(mixture_prior())
    first = (truth - means()[0]).flatten(1).norm(dim=1) < (truth - means()[1]).flatten(1).norm(dim=1)
    assert float(first.double().mean()) == pytest.approx(0.6, abs=4 * 0.5 / COUNT**0.5)
    for own, mean in ((truth[first], means()[0]), (truth[~first], means()[1])):
        assert torch.allclose(own.mean(0), mean, atol=0.1)


def test_truths_of_a_spectral_gaussian_have_its_mean_and_std():
    space = iv.VideoSpace(frames=2, height=6, width=5, channels=1)
    prior = SpectralGaussian(mean=0.4, std=0.25)
    problem = iv.Problem(iv.Identity(), torch.zeros(1, *space.shape, dtype=torch.float64), prior, space=space)
    truth, _ = Simulation(problem, EXACT, seed=0).draw(range(COUNT), 1)
    assert float((truth - 0.4).square().mean(0).mean().sqrt()) == pytest.approx(0.25, rel=0.05)


def test_draws_are_the_same_alone_and_differ_from_each_other():
    for prior, sampler in ((mixture_prior(), EXACT), (StandardNormal(gain=0.3), Walk())):
        simulation = Simulation(averaged(prior, dtype=torch.float64), sampler, seed=3)
        truth, problem = simulation.draw(range(5), 7)
        alone, own = simulation.draw([3], 7)
        torch.testing.assert_close(alone[0], truth[3], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(own.observation[0], problem.observation[3], rtol=1e-12, atol=1e-12)
        assert len(torch.unique(truth)) == truth.numel()


def test_a_prior_without_a_closed_form_is_drawn_from_by_the_sampler_without_observation():
    simulation = Simulation(averaged(StandardNormal(gain=0.3)), Walk(), seed=0)
    assert not simulation.exact
    truth, _ = simulation.draw(range(50), 7)
    strong = Simulation(averaged(StandardNormal(gain=0.3)), Walk(scale=50.0), seed=0)
    assert torch.equal(strong.draw(range(50), 7)[0], truth)  # the guidance has nothing to follow
    assert not torch.equal(simulation.draw(range(50), 6)[0], truth)


def test_a_prior_that_cannot_be_drawn_from_is_named():
    simulation = Simulation(averaged(StandardNormal()), Walk(explode_at=2), seed=0)
    with pytest.raises(
        CapabilityError, match=r"StandardNormal cannot be drawn from.* Walk without an observation fail"
    ):
        simulation.draw([0], 1)


def test_directions_are_what_the_operator_sees_and_what_it_does_not():
    simulation = Simulation(averaged(gaussian_prior(), noise=1e-4, dtype=torch.float64), EXACT, seed=0)
    quantities = Quantities.of(simulation, 100, 1)
    names = quantities.names
    seen, unseen = (quantities.functionals[names.index(f"{kind} direction")] for kind in ("observed", "unobserved"))
    assert torch.allclose(seen, seen.mean().expand_as(seen))
    assert abs(float(unseen.mean())) < 1e-5
    assert float(seen.norm()) == pytest.approx(1.0) == float(unseen.norm())
    truth, problem = simulation.draw(range(3), 1)
    values = quantities.evaluate(problem, truth)
    torch.testing.assert_close(values[:, 0], truth.mean((1, 2, 3, 4)))
    residual = problem.observation - truth.mean(2, keepdim=True)
    torch.testing.assert_close(values[:, -1], -(residual.flatten() ** 2) / (2 * 1e-4**2))
    torch.testing.assert_close(values[:, names.index("value c0 t2 y0 x0")], truth[:, 0, 2, 0, 0])


def test_an_operator_that_sees_all_or_is_not_linear_has_no_unobserved_direction():
    y = torch.zeros(1, 1, 2, 3, 4, dtype=torch.float64)
    for operator, unseen in ((Square(), False), (iv.Identity(), False), (Halve(), True)):
        problem = iv.Problem(operator, y, StandardNormal(), iv.GaussianNoise(std=1e-4))
        names = Quantities.of(Simulation(problem, Walk(), seed=0), 100, 1).names
        assert "observed direction" in names
        assert ("unobserved direction" in names) is unseen
