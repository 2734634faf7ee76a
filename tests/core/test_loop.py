import re
from typing import final

import attrs
import numpy as np
import pytest
import torch

import invsolve as iv
from invsolve.errors import CapabilityError, ComponentError, RunFailed
from tests.core.parts import StandardNormal, Walk

Y = torch.rand(2, 3, 1, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def problem(dtype=torch.float64):
    return iv.Problem(iv.Identity(), Y.to(dtype), StandardNormal(gain=0.3))


def test_shapes_mean_std_and_trace():
    solution = iv.solve(problem(), Walk(), seed=0, samples=3)
    assert solution.video.shape == (3, 2, 3, 1, 4, 5)
    torch.testing.assert_close(solution.video, 0.3 * solution.latent)
    torch.testing.assert_close(solution.mean, solution.video.mean(0))
    torch.testing.assert_close(solution.std, solution.video.std(0))
    assert solution.trace["misfit"].shape == (6, 3, 2)
    assert solution.outcome is iv.Outcome.DONE
    assert solution.message.startswith("finished after 6 steps")
    assert not iv.solve(problem(), Walk(), seed=0).std.any()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_sample_i_is_the_same_alone_in_any_order_and_chunk(dtype, tolerance):
    whole = iv.solve(problem(dtype), Walk(), seed=0, samples=4).video
    for arrangement in ({"samples": [3, 1]}, {"samples": 4, "chunk": 3}, {"samples": [2]}):
        part = iv.solve(problem(dtype), Walk(), seed=0, **arrangement)
        torch.testing.assert_close(part.video, whole[list(part.samples)], rtol=tolerance, atol=tolerance)


def test_an_observation_is_solved_alone_as_among_others_by_its_number():
    whole = iv.solve(problem(), Walk(), seed=0, samples=2, observations=5).video
    for number, observations in ((1, 6), (0, [5])):
        alone = iv.solve(problem().select([number]), Walk(), seed=0, samples=2, observations=observations)
        torch.testing.assert_close(alone.video[:, 0], whole[:, number], rtol=1e-12, atol=1e-12)
    assert not torch.equal(whole, iv.solve(problem(), Walk(), seed=0, samples=2).video)
    with pytest.raises(ComponentError, match="2 distinct numbers"):
        iv.solve(problem(), Walk(), seed=0, observations=[1, 1])


def test_seeds():
    zero, again, one = (iv.solve(problem(), Walk(), seed=seed).video for seed in (0, 0, 1))
    assert torch.equal(zero, again)
    assert not torch.equal(zero, one)


def test_no_global_random_state_is_touched_or_used():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    iv.solve(problem(), Walk(), seed=0)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


def test_non_finite_states_end_the_run_and_say_where():
    with pytest.raises(RunFailed, match=r"\(observation 0, sample 0\) became NaN or infinite by step 6 of 6. Lower"):
        iv.solve(problem(), Walk(explode_at=2), seed=0)
    failed = iv.solve(problem(), Walk(explode_at=2), seed=0, samples=2, chunk=2, throw=False)
    assert failed.outcome is iv.Outcome.NONFINITE
    assert failed.video.shape == (2, 2, 3, 1, 4, 5)
    trace = failed.trace["misfit"]
    assert torch.isfinite(trace[:3, 0]).all()
    assert not torch.isfinite(trace[3:]).any()
    assert torch.isnan(trace[:, 1]).all()


def test_the_time_limit_is_an_outcome():
    stopped = iv.solve(problem(), Walk(), seed=0, throw=False, time_limit=0.0)
    assert stopped.outcome is iv.Outcome.TIME_LIMIT
    assert "0 s was reached at step 1 of 6" in stopped.message


@pytest.mark.parametrize("samples", [0, [], [-1], [1, 1]])
def test_impossible_samples_are_refused(samples):
    with pytest.raises(ComponentError, match="samples must be"):
        iv.solve(problem(), Walk(), seed=0, samples=samples)
    with pytest.raises(ComponentError, match="chunk must be"):
        iv.solve(problem(), Walk(), seed=0, chunk=0)


def test_observers_see_every_step_of_every_chunk():
    events = []

    class Recorder(iv.Observer):
        def notify(self, event):
            events.append(event)

    solution = iv.solve(problem(), Walk(), seed=0, samples=3, chunk=4, observers=[Recorder()])
    assert isinstance(events[0], iv.Started)
    assert (events[0].steps, events[0].trajectories) == (12, 6)
    steps = [event for event in events if isinstance(event, iv.Stepped)]
    assert [event.step for event in steps] == list(range(1, 13))
    assert torch.equal(steps[-1].estimate(), solution.latent.flatten(0, 1)[4:])
    assert events[-1].outcome is iv.Outcome.DONE


def test_requirements_are_checked_before_any_work():
    class Needy(iv.Sampler):
        steps = 1
        requires = frozenset({iv.Requirement.TRACTABLE_PRIOR})

        def init(self, problem, rng):
            raise AssertionError("work was begun")

        def step(self, problem, state, i, rng):
            raise AssertionError("work was begun")

        def estimate(self, problem, state):
            raise AssertionError("work was begun")

    with pytest.raises(CapabilityError, match="Needy does not fit"):
        iv.solve(problem(), Needy(), seed=0)


def exactly(value):
    """A sampler whose samples all are `value`."""

    @final
    @attrs.frozen
    class Constant(iv.Sampler):
        steps: int = 1

        def init(self, problem, rng):
            return rng.normal(torch.empty(problem.count, *problem.latent_shape).to(problem.observation))

        def step(self, problem, state, i, rng):
            return value + 0.01 * rng.normal(state), {}

        def estimate(self, problem, state):
            return state

    return Constant()


@pytest.mark.parametrize(
    ("std", "says"), [(0.01, "^finished after 1 steps$"), (0.001, "miss the observation"), (0.1, "fit the noise too")]
)
def test_the_residual_test_advises(std, says):
    grey = iv.Problem(iv.Identity(), torch.full((1, 3, 1, 40, 40), 0.5), StandardNormal(), noise=iv.GaussianNoise(std))
    solution = iv.solve(grey, exactly(0.5), seed=0, samples=2, chunk=1)
    assert solution.chi_square.shape == (2, 1)
    assert float(solution.chi_square.mean()) == pytest.approx((0.01 / std) ** 2, rel=0.1)
    assert re.search(says, solution.message)


def test_a_diverged_run_is_a_failure():
    with pytest.raises(RunFailed, match="diverged"):
        iv.solve(problem(), exactly(1e4), seed=0)
    assert iv.solve(problem(), exactly(1e4), seed=0, throw=False).outcome is iv.Outcome.DIVERGED
